"""`stack-launcher`: the command of the Airflow container."""

import os
import sys

from stack_launcher.launch import main

status = main()
sys.stdout.flush()
sys.stderr.flush()
# Taking two thousand modules down in order takes longer than the rest of a stop.
os._exit(status)
