from prm.models.cells import CellCalendar, Correction, MetricCell, RebuildRun
from prm.models.reviews import PartnerReview

__all__ = ["CellCalendar", "Correction", "MetricCell", "PartnerReview", "RebuildRun"]
