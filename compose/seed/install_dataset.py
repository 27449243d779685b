"""Reads the raw California housing rows from stdin and stores them where scikit-learn looks for them.

Runs in an Airflow container. The file holds what `fetch_california_housing` itself would have written after a download:
a joblib dump of the array, its columns in scikit-learn's order (value first, longitude last).
"""

import os
import sys
import tempfile

import joblib
import numpy as np

COLUMNS = [8, 7, 2, 3, 4, 5, 6, 1, 0]

rows = np.loadtxt(sys.stdin, delimiter=",", dtype=float)
folder = os.environ["SCIKIT_LEARN_DATA"]
target = os.path.join(folder, "cal_housing_py3.pkz")

# Written beside the target and renamed, so that a task that starts now sees the old file or the new one, never half of it.
with tempfile.NamedTemporaryFile(dir=folder, prefix=".cal_housing", delete=False) as draft:
    try:
        joblib.dump(rows[:, COLUMNS], draft, compress=6)
        draft.flush()
        os.chmod(draft.name, 0o644)
        os.replace(draft.name, target)
    except BaseException:
        os.unlink(draft.name)
        raise

print(f"{target} {rows.shape[0]} {rows.shape[1]}")
