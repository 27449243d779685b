"""`stack-launcher`: the command of the Airflow container."""

import gc

# Collecting garbage while tens of thousands of lasting objects are made costs a quarter of the import.
gc.disable()

import sys  # noqa: E402

from stack_launcher.launch import launch  # noqa: E402

sys.exit(launch())
