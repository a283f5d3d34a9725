from prm.models.cells import CellCalendar, MetricCell, RebuildRun

__all__ = ["CellCalendar", "MetricCell", "RebuildRun"]
