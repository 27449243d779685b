"""Lets airflow-provider-mlflow 1.1.0, its last release, work on Airflow 3.

The provider was written for Airflow 2 and imports names that Airflow 3 moved or dropped. A line in
stack_mlflow_compat.pth imports this module at every start of Python, so at that point it only sets
traps: the names are put back when the first `mlflow_provider.operators` module is imported, and not
before; the client hook learns of REQUESTS_CA_BUNDLE when it is imported.
STACK_MLFLOW_PROVIDER_COMPAT=off turns it off.
"""

from __future__ import annotations

import sys
from importlib import import_module
from os import environ
from pathlib import Path

from stack_traps import AfterImport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType
    from typing import Any


class _OperatorImportTrap:
    """A meta path finder that finds nothing; it repairs just before the real finders look."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        if name.startswith("mlflow_provider.operators."):
            sys.meta_path.remove(self)
            repair(path or ())


def install() -> None:
    if environ.get("STACK_MLFLOW_PROVIDER_COMPAT", "on").lower() not in ("off", "false", "0"):
        sys.meta_path[:0] = [
            _OperatorImportTrap(),
            AfterImport("mlflow_provider.hooks.client", lambda module: _repair_client_hook(module.MLflowClientHook)),
        ]


def repair(operator_folders: Sequence[str]) -> None:
    """Put back what the provider's operators import; say so when nothing is missing any more."""
    # A virtual module of Airflow's: a file of this name would be ignored, so the name is set on it.
    decorators: Any = import_module("airflow.utils.decorators")
    if hasattr(decorators, "apply_defaults"):
        _warn("airflow.utils.decorators.apply_defaults exists; stack_mlflow_compat is no longer needed")
        return
    if not any("apply_defaults" in _text(Path(folder, "registry.py")) for folder in operator_folders):
        _warn("this airflow-provider-mlflow does without apply_defaults; stack_mlflow_compat is no longer needed")
        return
    decorators.apply_defaults = _apply_defaults
    _repair_pyfunc()


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _apply_defaults(function: Callable[..., Any]) -> Callable[..., Any]:
    """Since Airflow 2.0 every operator applies its DAG's default_args by itself."""
    return function


def _repair_pyfunc() -> None:
    """ModelLoadAndPredictOperator: its base class and its helper moved, and both changed their arguments."""
    try:
        standard: Any = import_module("airflow.providers.standard.operators.python")
    except ImportError as error:
        _warn(f"ModelLoadAndPredictOperator stays broken: {error}")
        return

    class _BasePythonVirtualenvOperator(standard._BasePythonVirtualenvOperator):
        # Set by the base class's execute(), which the provider overrides.
        _bundle_path = None

        def __init__(self, *, use_dill: bool = False, **kwargs: Any) -> None:
            super().__init__(serializer="dill" if use_dill else "pickle", **kwargs)

        def _execute_python_callable_in_subprocess(self, python_path: Path, _tmp_dir: object = None) -> Any:
            return super()._execute_python_callable_in_subprocess(python_path)

    class _PythonVirtualenv:
        @staticmethod
        def prepare_virtualenv(
            *, venv_directory: str, requirements_file_path: str, system_site_packages: bool, python_bin: object = None
        ) -> None:
            """Makes `venv_directory` another name for an environment kept in STACK_VENV_CACHE, by Airflow's own cache."""
            maker = standard.PythonVirtualenvOperator(
                task_id="model_environment",
                python_callable=_apply_defaults,
                # A model names what it computes with. What loads it from an S3 bucket is named by nobody.
                requirements=[Path(requirements_file_path).read_text(encoding="utf-8"), "boto3"],
                system_site_packages=system_site_packages,
                expect_airflow=False,
            )
            cache = Path(environ.get("STACK_VENV_CACHE", "/tmp/stack-venvs"))
            made = maker._ensure_venv_cache_exists(cache / "python{}.{}".format(*sys.version_info))
            for part in ("bin", "lib", "pyvenv.cfg"):
                Path(venv_directory, part).symlink_to(made / part)

    operators: Any = import_module("airflow.operators.python")
    operators._BasePythonVirtualenvOperator = _BasePythonVirtualenvOperator
    utils: Any = import_module("airflow.utils")
    utils.python_virtualenv = _PythonVirtualenv


def _repair_client_hook(hook: Any) -> None:
    """It sends prepared requests, for which requests reads no REQUESTS_CA_BUNDLE as it does for all others."""
    get_conn = hook.get_conn

    def get_conn_with_bundle(self: Any, headers: Mapping[str, str] | None = None) -> Any:
        session = get_conn(self, headers)
        session.verify = environ.get("REQUESTS_CA_BUNDLE") or session.verify
        return session

    hook.get_conn = get_conn_with_bundle


def _warn(text: str) -> None:
    from logging import getLogger

    getLogger(__name__).warning(text)


install()
