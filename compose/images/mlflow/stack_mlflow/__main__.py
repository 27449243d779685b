"""`stack-mlflow`: the command of the MLflow container."""

import gc

# Collecting garbage while tens of thousands of lasting objects are made costs a fifth of the import.
gc.disable()

import sys  # noqa: E402

from stack_mlflow.serve import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
