"""What the packages of deals begin with: guards of an act, notices, calendar, form fields."""
