from prm.models.cells import CellCalendar, MetricCell, RebuildRun
from prm.models.reviews import PartnerReview

__all__ = ["CellCalendar", "MetricCell", "PartnerReview", "RebuildRun"]
