"""Computes once more what the pipeline's DAGs stored, from the models that they stored.

Runs in an Airflow container. Reads from stdin what to compute, as {"features": {...}, "training": {...}, "predictions":
{...}}, each with the arguments of the function of that name, and prints what it found as one line of JSON. It judges
nothing.
"""

import hashlib
import io
import json
import sys
import warnings

# skops, which reads the models, looks at every module that is loaded.
with warnings.catch_warnings(action="ignore"):
    import skops.io  # noqa: F401

import boto3
import mlflow
import pandas as pd
from sklearn.datasets import load_diabetes


def read(uri: str) -> bytes:
    bucket, key = uri.removeprefix("s3://").split("/", maxsplit=1)
    return boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def table(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), float_precision="round_trip")


def compare(stored: bytes, again: pd.DataFrame) -> dict:
    return {
        "rows": len(table(stored)),
        "stored": hashlib.sha256(stored).hexdigest(),
        "recomputed": hashlib.sha256(again.to_csv(index=False).encode()).hexdigest(),
    }


def predict(model: str, rows: pd.DataFrame) -> pd.Series:
    predicted = mlflow.sklearn.load_model(model).predict(rows.drop(columns=["row", "target"]))
    return pd.Series(predicted, index=rows.index)


def errors(actual: pd.Series, predicted: pd.Series) -> dict:
    """By their definitions, not by scikit-learn, which made the stored ones."""
    residuals = actual - predicted
    mean_squared = float((residuals**2).mean())
    return {
        "mean_squared_error": mean_squared,
        "root_mean_squared_error": mean_squared**0.5,
        "mean_absolute_error": float(residuals.abs().mean()),
        "r2_score": 1 - mean_squared / float(((actual - actual.mean()) ** 2).mean()),
    }


def features(scaler: str, train: str, test: str) -> dict:
    """Scales the raw rows with the stored scaler, and counts the rows of the data set that are in exactly one part."""
    data = load_diabetes(as_frame=True, scaled=False)
    fitted = mlflow.sklearn.load_model(scaler)
    parts = {"train": read(train), "test": read(test)}
    rows = {name: table(content)["row"] for name, content in parts.items()}

    def scale(numbers: pd.Series) -> pd.DataFrame:
        scaled = data.frame.loc[numbers]
        scaled[data.feature_names] = fitted.transform(scaled[data.feature_names])
        return scaled.rename_axis("row").reset_index()

    raw_train = data.frame.loc[rows["train"], data.feature_names]
    return {
        **{name: compare(content, scale(rows[name])) for name, content in parts.items()},
        "total": len(data.frame),
        "once": int((pd.concat(rows.values()).value_counts() == 1).sum()),
        "means": raw_train.mean().to_dict(),
    }


def training(model: str, rows: str) -> dict:
    """The parameters of the stored model, and its errors on the rows that it was trained on."""
    known = table(read(rows))
    params = mlflow.sklearn.load_model(model).get_params()
    return {
        "params": {name: str(value) for name, value in params.items()},
        "errors": errors(known["target"], predict(model, known)),
    }


def predictions(model: str, rows: str, stored: str) -> dict:
    """Predicts with the stored model."""
    known = table(read(rows))
    again = pd.DataFrame({"row": known["row"], "actual": known["target"], "predicted": predict(model, known)})
    return {**compare(read(stored), again), "errors": errors(again["actual"], again["predicted"])}


functions = {"features": features, "training": training, "predictions": predictions}
print(json.dumps({name: functions[name](**arguments) for name, arguments in json.load(sys.stdin).items()}))
