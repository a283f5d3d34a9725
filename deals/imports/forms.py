"""The forms of an import: the file, and which column fills which field."""

from typing import Any

from django import forms

from deals.imports.services import reading_of
from deals.models import Import
from deals.tabular.dialects import Confidence, Match
from deals.tabular.fields import FIELDS, RecordKind


class UploadForm(forms.Form):
    """A file as the CRM exported it."""

    file = forms.FileField(
        label="File",
        help_text="CSV as exported by Salesforce, HubSpot or a spreadsheet, up to 150 MB.",
        allow_empty_file=True,  # the reader says it better
        error_messages={"required": "Choose a file."},
    )
    kind = forms.ChoiceField(
        label="Record type",
        required=False,
        help_text="Needed only when the header does not say.",
        choices=[("", "Read it from the header"), *RecordKind.choices],
    )


class MappingForm(forms.Form):
    """One choice per column, and how dates and decimals are written."""

    kind = forms.ChoiceField(label="Record type", choices=RecordKind.choices)
    date_order = forms.ChoiceField(
        label="Dates like 3/4/2026",
        required=False,
        choices=[("", "As the column shows"), ("dmy", "Day first"), ("mdy", "Month first")],
    )
    decimal_mark = forms.ChoiceField(
        label="Decimals",
        required=False,
        choices=[("", "As the column shows"), (".", "1,234.50"), (",", "1.234,50")],
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, file: Import, data: Any = None) -> None:
        self.reading = reading_of(file)
        options = [("", "Not used")]
        options += [(field.name, field.label) for field in FIELDS[self.reading.kind] if field.kept]
        first = {
            "kind": file.kind,
            "date_order": file.date_order,
            "decimal_mark": file.decimal_mark,
            "version": file.version,
        }
        first |= {_name(match): match.field for match in self.reading.matches}
        super().__init__(data, initial=first)
        for match in self.reading.matches:
            widget = forms.Select(attrs={"aria-label": f"Field for {match.column}"})
            self.fields[_name(match)] = forms.ChoiceField(required=False, choices=options, widget=widget)

    def rows(self, sample: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the screen shows per column: its name, an example, the choice, how sure it is and why."""
        shown = []
        for match in self.reading.matches:
            examples = [row["cells"][match.index] for row in sample if row["cells"][match.index].strip()]
            sure = match.confidence
            shown.append(
                {
                    "column": match.column,
                    "example": examples[0] if examples else "",
                    "choice": self[_name(match)],
                    "used": bool(match.field),
                    "confidence": sure.label if match.field else "",
                    "tone": _TONES.get(sure, "neutral"),
                    "why": match.why,
                }
            )
        return sorted(shown, key=lambda row: not row["used"])

    def mapping(self) -> dict[str, str]:
        """Column → field, as chosen. Meaningful after ``is_valid``."""
        return {match.column: self.cleaned_data[_name(match)] for match in self.reading.matches}


_TONES = {
    Confidence.CERTAIN: "good",
    Confidence.CHOSEN: "good",
    Confidence.LIKELY: "info",
    Confidence.UNSURE: "warn",
}


def _name(match: Match) -> str:
    return f"column-{match.index}"
