"""A shop's own orders service, as docs/reference/shop-protocol.md has it: any `Orders`, served over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from pydantic import TypeAdapter

from orders.model import Order, Owner, Return, ReturnWish
from orders.ports import Orders

TOKEN = "the shop's token"


def serve(orders: Orders) -> FastAPI:
    """The service's app."""
    app = FastAPI()

    @app.post("/orders/{call}")
    async def answer(call: str, request: Request) -> dict[str, Any]:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise HTTPException(401)
        body = await request.json()
        number, owner = body.get("number", ""), Owner(**body["owner"])
        match call:
            case "find":
                return {"order": order(await orders.find(number, owner))}
            case "list":
                found = await orders.of_phone(str(owner.phone), body["limit"])
                return {"orders": [order(each) for each in found]}
            case "cancel":
                return {"order": order(await orders.cancel(number, owner))}
            case "change-address":
                return {"order": order(await orders.change_address(number, owner, body["address"]))}
            case "open-return":
                wish = TypeAdapter(ReturnWish).validate_python(body["return"])
                opened = await orders.open_return(number, owner, wish, date.fromisoformat(body["today"]))
                return {"return": return_(opened)}
            case "cancel-return":
                today = date.fromisoformat(body["today"])
                return {
                    "return": return_(await orders.cancel_return(number, owner, body["return_number"], today))
                }
        raise HTTPException(404)

    return app


def order(value: Order | None) -> Any:
    return None if value is None else TypeAdapter(Order).dump_python(value, mode="json")


def return_(value: Return | None) -> Any:
    return None if value is None else TypeAdapter(Return).dump_python(value, mode="json")
