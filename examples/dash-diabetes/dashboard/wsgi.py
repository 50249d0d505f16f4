"""For servers that ask for an object: `dashboard.wsgi:app` is the application of APP_ENV's environment."""

from dashboard.app import create_app
from dashboard.config import load

app = create_app(load())
