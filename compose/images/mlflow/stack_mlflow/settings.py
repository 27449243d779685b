"""What MLflow's command line reads from the environment, as far as the one process serves it as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Options of `mlflow server` that change which processes it starts or what it prepares for them.
ONLY_STOCK = (
    "MLFLOW_ARTIFACTS_ONLY",
    "MLFLOW_ENABLE_WORKSPACES",
    "MLFLOW_EXPOSE_PROMETHEUS",
    "MLFLOW_GUNICORN_OPTS",
    "MLFLOW_READ_REPLICA_BACKEND_STORE_URI",
    "MLFLOW_SQL_TRACE_ROLLUPS_ENABLED",
    "MLFLOW_STATIC_PREFIX",
    "MLFLOW_TRACE_ARCHIVAL_CONFIG",
    "MLFLOW_UVICORN_OPTS",
    "MLFLOW_WORKSPACE_STORE_URI",
)
_NO = ("", "0", "f", "false", "n", "no", "off")


@dataclass(frozen=True)
class Settings:
    backend_store_uri: str
    registry_store_uri: str
    default_artifact_root: str
    artifacts_destination: str
    x_frame_options: str
    host: str
    port: int

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """An empty backend store means that none was given; only the stock command line has a default for it."""
        backend = environment.get("MLFLOW_BACKEND_STORE_URI", "")
        return cls(
            backend_store_uri=backend,
            registry_store_uri=environment.get("MLFLOW_REGISTRY_STORE_URI") or backend,
            default_artifact_root=environment.get("MLFLOW_DEFAULT_ARTIFACT_ROOT") or "mlflow-artifacts:/",
            artifacts_destination=environment.get("MLFLOW_ARTIFACTS_DESTINATION") or "./mlartifacts",
            x_frame_options=environment.get("MLFLOW_SERVER_X_FRAME_OPTIONS") or "SAMEORIGIN",
            host=environment.get("MLFLOW_HOST") or "0.0.0.0",
            port=int(environment.get("MLFLOW_PORT") or 5000),
        )


def needs_stock(environment: Mapping[str, str]) -> str | None:
    """The setting that the one process does not serve, if there is one."""
    for name in ONLY_STOCK:
        if environment.get(name, "").lower() not in _NO:
            return name
    if any(name.startswith("UVICORN_") for name in environment):
        return "UVICORN_*"
    if environment.get("MLFLOW_WORKERS", "1") != "1":
        return "MLFLOW_WORKERS"
    if environment.get("MLFLOW_SERVE_ARTIFACTS", "true").lower() in _NO:
        return "MLFLOW_SERVE_ARTIFACTS"
    # On unless told otherwise, and then a second process runs the jobs.
    if environment.get("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "true").lower() not in _NO:
        return "MLFLOW_SERVER_ENABLE_JOB_EXECUTION"
    if not environment.get("MLFLOW_BACKEND_STORE_URI"):
        return "no MLFLOW_BACKEND_STORE_URI"
    return None


def server_environment(settings: Settings, boot_id: str) -> dict[str, str]:
    """What `mlflow server` hands to the process that serves; the names are those of the tested version."""
    return {
        "_MLFLOW_SERVER_FILE_STORE": settings.backend_store_uri,
        "_MLFLOW_SERVER_REGISTRY_STORE": settings.registry_store_uri,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": settings.default_artifact_root,
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": settings.artifacts_destination,
        "_MLFLOW_SERVER_BOOT_ID": boot_id,
        "_MLFLOW_IN_JOB_EXECUTOR": "false",
        "_MLFLOW_SGI_NAME": "uvicorn",
        "MLFLOW_SERVER_X_FRAME_OPTIONS": settings.x_frame_options,
        "MLFLOW_SERVER_SECRETS_CACHE_TTL": "60",
        "MLFLOW_SERVER_SECRETS_CACHE_MAX_SIZE": "1000",
        "MLFLOW_ENABLE_WORKSPACES": "false",
    }
