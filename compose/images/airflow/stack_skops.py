"""Has skops find the module of a function where modules keep their names, because it asks every module for each of
numpy's functions, with all warnings caught around each question, and so takes two seconds to be imported.

MLflow imports it to log a model of scikit-learn, and once more, in a new process, to see which packages the model needs.
A line in stack_skops.pth imports this module at every start of Python. STACK_SKOPS=off turns it off.
"""

from __future__ import annotations

import sys
from os import environ

from stack_traps import AfterImport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType
    from typing import Any

TESTED_SKOPS = frozenset({"0.15.0"})
# Whose functions nobody can name, says skops, as pickle does.
LEFT_OUT = frozenset({"__main__", "__mp_main__"})


def install() -> None:
    if environ.get("STACK_SKOPS", "on").lower() not in ("off", "false", "0", "no"):
        sys.meta_path.insert(0, AfterImport("skops.io._utils", repair))


def repair(utils: Any) -> None:
    """`utils` is the module of skops that has looked nothing up yet."""
    from importlib.metadata import version

    found = version("skops")
    if found not in TESTED_SKOPS:
        _warn(f"off, since it was not tested with skops {found}: stack_skops. It takes two seconds longer to import.")
        return
    utils.whichmodule = quick(utils.whichmodule)


def quick(stock: Callable[[object, str], str]) -> Callable[[object, str], str]:
    """The same answer; who is not found so, a name that a module makes up when asked, is left to `stock`."""

    def whichmodule(obj: object, name: str) -> str:
        module_name: str | None = getattr(obj, "__module__", None)
        if module_name is not None:
            return module_name
        for module_name, module in sys.modules.copy().items():
            if module_name not in LEFT_OUT and _names_of(module).get(name) is obj:
                return module_name
        return stock(obj, name)

    return whichmodule


def _names_of(module: ModuleType) -> Mapping[str, object]:
    """Without waking a module that is loaded when it is first asked for something."""
    try:
        names: Mapping[str, object] = object.__getattribute__(module, "__dict__")
        return names
    except AttributeError:
        return {}


def _warn(text: str) -> None:
    from logging import getLogger

    getLogger(__name__).warning(text)


install()
