"""For modules that are imported at every start of Python, and so do nothing before they have to."""

import sys
from importlib.util import find_spec


class AfterImport:
    """A meta path finder that finds one module, and repairs it once it is loaded."""

    def __init__(self, name, repair):
        """`repair` is given the module."""
        self._name = name
        self._repair = repair

    def find_spec(self, name, path=None, target=None):
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is None:
            return None
        load = spec.loader.exec_module

        def load_and_repair(module):
            load(module)
            self._repair(module)

        spec.loader.exec_module = load_and_repair
        return spec
