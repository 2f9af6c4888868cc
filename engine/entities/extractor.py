"""Graph component: entities by the spaCy pipeline."""

from __future__ import annotations

from datetime import date
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from engine.entities import reading
from engine.entities.found import Found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ShopEntityExtractor(EntityExtractorMixin, GraphComponent):
    """Sets `entities`: order_number, email, date, money, product, reason and address."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ShopEntityExtractor:
        reading.pipeline()
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Find the entities of messages; relative dates count from today."""
        today = date.today()
        for message in messages:
            found = [_entity(one) for one in reading.find(message.get(TEXT) or "", today)]
            entities = message.get(ENTITIES, []) + self.add_extractor_name(found)
            message.set(ENTITIES, entities, add_to_output=True)
        return messages


def _entity(found: Found) -> dict[str, Any]:
    return {"entity": found.kind, "value": found.value, "start": found.start, "end": found.end}
