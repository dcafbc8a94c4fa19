"""Maps under test as Python mappings, wherever they live.

Keys and values are Python values by the map's BTF types: numbers, strings for char arrays, dicts
for structs. Dataclass instances are taken for structs, and ``typed`` gives them back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Protocol

from .names import plain_errors


class Store(Protocol):
    """What a map must do: the machine's and the kernel's maps are wrapped to this."""

    def get(self, key: Any) -> Any:
        """Return the value at ``key``, None when there is none."""

    def set(self, key: Any, value: Any) -> None:
        """Insert or overwrite."""

    def delete(self, key: Any) -> bool:
        """Remove; False when there was none."""

    def items(self) -> list[tuple[Any, Any]]:
        """Return all elements."""


def plain(value: Any) -> Any:
    """Return ``value`` with dataclass instances as dicts."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value


def _hashable(key: Any) -> Any:
    """Return a decoded key so that it can be a dict's: structs as tuples of items."""
    if isinstance(key, dict):
        return tuple((name, _hashable(value)) for name, value in key.items())
    if isinstance(key, list):
        return tuple(_hashable(value) for value in key)
    return key


def build(cls: type, value: Any) -> Any:
    """Return ``value`` as ``cls``: a dataclass by the names of its fields, or a plain type."""
    if dataclasses.is_dataclass(cls) and isinstance(value, Mapping):
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: found for name, found in value.items() if name in names})
    return value if isinstance(value, cls) else cls(value)


class MapView(MutableMapping[Any, Any]):
    """A map as a dict; compares with dicts, dict keys allowed on the other side as tuples."""

    def __init__(self, name: str, store: Store) -> None:
        self.name = name
        self._store = store

    @plain_errors
    def __getitem__(self, key: Any) -> Any:
        value = self._store.get(_unhash(plain(key)))
        if value is None:
            raise KeyError(key)
        return value

    @plain_errors
    def __setitem__(self, key: Any, value: Any) -> None:
        self._store.set(_unhash(plain(key)), plain(value))

    def __delitem__(self, key: Any) -> None:
        if not self._store.delete(_unhash(plain(key))):
            raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return (_hashable(key) for key, _ in self._store.items())

    def __len__(self) -> int:
        return len(self._store.items())

    def items(self) -> Any:
        """Return (key, value) of every element."""
        return [(_hashable(key), value) for key, value in self._store.items()]

    def rows(self) -> list[tuple[Any, Any]]:
        """Return (key, value) with struct keys as dicts."""
        return self._store.items()

    def typed(self, key: type, value: type) -> dict[Any, Any]:
        """Return all elements with keys and values made into ``key`` and ``value``.

        Each is a dataclass whose fields are members of the struct, or a type such as int.
        """
        return {build(key, k): build(value, v) for k, v in self._store.items()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return dict(self.items()) == {_hashable(plain(k)): plain(v) for k, v in other.items()}

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{self.name}{dict(self.items())!r}"


def _unhash(key: Any) -> Any:
    """Turn the tuple form of a struct key back into a dict."""
    if isinstance(key, tuple) and key and all(isinstance(k, tuple) and len(k) == 2 for k in key):
        return {name: _unhash(value) for name, value in key}
    return key
