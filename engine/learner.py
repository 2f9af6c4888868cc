"""What the graph components that learn have in common: how Rasa makes them, and gives them what they kept."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, Generic, TypeVar

from rasa.core.policies.policy import Policy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

T = TypeVar("T")


class Learner(GraphComponent, Generic[T]):
    """A graph component with a place of its own in the model.

    `train` writes there, below `self._storage.write_to(self._resource)`; `read` gets it back as `learnt`.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Learner[T]:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Learner[T]:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, cls.read(folder))

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, learnt: T | None = None
    ) -> None:
        self._config, self._storage, self._resource = config, model_storage, resource
        self._learnt = learnt

    @classmethod
    @abstractmethod
    def read(cls, folder: Path) -> T:
        """What training kept in this folder."""


class LearnerPolicy(Policy, Generic[T]):
    """The same for a policy, which Rasa makes itself."""

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LearnerPolicy[T]:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, execution_context, cls.read(folder))

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        learnt: T | None = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context)
        self._learnt = learnt

    @classmethod
    @abstractmethod
    def read(cls, folder: Path) -> T:
        """What training kept in this folder."""
