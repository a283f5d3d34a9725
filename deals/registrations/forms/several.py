"""The form by which several deals come at once: a file, or rows pasted from a spreadsheet."""

from typing import Any

from django import forms

from deals.registrations.rules.several import MAX_ROWS, Home, Several, read_again, read_several
from deals.tabular.reader import TableError

MAX_SIZE = 300_000  # bytes of a file; a hundred deals with long notes are less
_MAX_TEXT = 1_000_000  # the same, with quotes and empty cells written out


class SeveralForm(forms.Form):
    """A file or a text; ``reading`` is there once the form is valid."""

    file = forms.FileField(
        label="File",
        required=False,
        allow_empty_file=True,  # the reader says it better
        help_text=f"CSV from any spreadsheet, at most {MAX_ROWS} deals.",
    )
    text = forms.CharField(
        label="Or paste the rows, with their header",
        required=False,
        strip=False,
        max_length=_MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    key = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    reading: Several

    def __init__(self, *args: Any, home: Home, checked: bool = False, **kwargs: Any) -> None:
        """``checked`` says that the text is one this product wrote after it was looked at."""
        super().__init__(*args, **kwargs)
        self.home = home
        self.checked = checked

    def clean(self) -> dict[str, Any]:
        """Read the rows."""
        data = super().clean() or {}
        if self.errors:
            return data
        file, text = data.get("file"), data.get("text", "")
        name = "file" if file else "text"
        try:
            if file:
                if file.size > MAX_SIZE:
                    raise TableError(f"The file is larger than {MAX_SIZE // 1000} kB. Split it.")
                self.reading = read_several(file.read(), self.home)
            elif not text.strip():
                self.add_error("file", "Choose a file, or paste the rows.")
            elif self.checked:
                self.reading = read_again(text, self.home)
            else:
                self.reading = read_several(text.encode("utf-8", "replace"), self.home)
        except TableError as error:
            self.add_error(name, str(error))
        return data
