"""A stand-in for fastapi.routing: its route calls the same functions and sets the same attributes."""

from types import ModuleType

DEFERRED = {
    "_embed_body_fields",
    "_flat_dependant",
    "app",
    "body_field",
    "dependant",
    "is_json_stream",
    "is_sse_stream",
    "response_field",
    "response_fields",
    "stream_item_field",
}

SOURCE = """
from dataclasses import dataclass, field

calls = []

@dataclass
class Dependant:
    path: str
    dependencies: list = field(default_factory=list)
    body_params: list = field(default_factory=list)
    is_gen_callable: bool = False
    is_async_gen_callable: bool = False

def create_model_field(type_):
    calls.append(("create_model_field", type_))
    return ("field", type_)

def get_dependant(path, call):
    return Dependant(path)

def get_parameterless_sub_dependant(depends):
    return depends

def get_flat_dependant(dependant):
    calls.append(("get_flat_dependant", str(dependant)))
    return dependant

def _should_embed_body_fields(params):
    return len(params) > 1

def get_body_field(flat):
    return ("body", flat)

def get_request_handler(dependant):
    return ("handler", dependant)

def request_response(handler):
    return ("app", handler)

class APIRoute:
    def __init__(self, path, endpoint, *, dependencies=None, responses=None):
        self.path = path
        self.endpoint = endpoint
        self.response_field = create_model_field("Answer")
        self.stream_item_field = create_model_field("Item")
        self.dependencies = list(dependencies or [])
        self.responses = responses or {}
        self.response_fields = {status: create_model_field(one) for status, one in self.responses.items()}
        assert callable(endpoint), "An endpoint must be a callable"
        self.dependant = get_dependant(path, endpoint)
        for one in self.dependencies[::-1]:
            self.dependant.dependencies.insert(0, get_parameterless_sub_dependant(one))
        self._flat_dependant = get_flat_dependant(self.dependant)
        self._embed_body_fields = _should_embed_body_fields(self._flat_dependant.body_params)
        self.body_field = get_body_field(self._flat_dependant)
        is_generator = self.dependant.is_gen_callable or self.dependant.is_async_gen_callable
        self.is_sse_stream = self.is_json_stream = is_generator
        self.app = request_response(self.get_route_handler())

    def get_route_handler(self):
        return get_request_handler(self.dependant)
"""


def make_routing():
    """A module; `calls` of it are the costly calls made so far."""
    module = ModuleType("routing")
    exec(SOURCE, module.__dict__)
    return module
