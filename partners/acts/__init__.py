"""What is done on this floor, declared once for the workspace, the portal and the API."""
