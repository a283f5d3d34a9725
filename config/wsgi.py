"""The web server's way in."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# What is loaded by now lives as long as the process, and a request leaves few circles behind: to look for
# them after every two thousand objects, as is usual, costs a busy process a tenth of its time and more.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
