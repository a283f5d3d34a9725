"""Files from a CRM: taken in, mapped, checked and loaded as a whole or not at all."""
