"""Calls Platen by the official Python client of the Iteration Layer API. Its argument is a JSON file that says where
and with which keys; it prints what came of each call as JSON."""

import base64
import json
import sys

from iterationlayer import IterationLayer, IterationLayerError

with open(sys.argv[1], encoding="utf-8") as file:
    told = json.load(file)

PNG, CUTOUT, FONT = (base64.b64decode(told[name]) for name in ("png", "cutout", "font"))
CANVAS = {"width_in_px": 240, "height_in_px": 160}
WHITE = {"type": "solid-color", "index": 0, "hex_color": "#ffffff"}


def placed(index, left, top, width, height):
    return {
        "index": index,
        "position": {"x_in_px": left, "y_in_px": top},
        "dimensions": {"width_in_px": width, "height_in_px": height},
    }


def words(text, **more):
    return {
        "type": "text",
        "text": text,
        "font_name": "Inter",
        "font_size_in_px": 32,
        "text_color": "#102030",
        **more,
    }


def code(kind, value, **more):
    return {
        "type": kind,
        "value": value,
        "foreground_hex_color": "#000000",
        "background_hex_color": "#ffffff",
        **more,
    }


LAYERS = {
    "solid": {
        "type": "solid-color",
        "hex_color": "#cc3366",
        "border_radius": 30,
        "angled_edges": [{"edge": "right", "angle_in_degrees": 20}],
        **placed(1, 20, 10, 200, 140),
    },
    "gradient": {
        "type": "gradient",
        "gradient_type": "linear",
        "angle_in_degrees": 90,
        "colors": [{"hex_color": "#ff0000", "position": 0}, {"hex_color": "#0000ff", "position": 100}],
        **placed(1, 0, 0, 240, 160),
    },
    "text": words("Hello **there**", font_weight="light", text_align="center", **placed(1, 10, 40, 220, 80)),
    "image": {
        "type": "image",
        "file": {"type": "base64", "name": "green.png", "base64": PNG},
        **placed(1, 40, 40, 160, 80),
    },
    "image by address": {
        "type": "image",
        "index": 1,
        "file": {"type": "url", "name": "green.svg", "url": told["file_url"]},
        "should_use_smart_cropping": True,
    },
    "cutout": {
        "type": "image",
        "file": {"type": "base64", "name": "cutout.png", "base64": CUTOUT},
        "should_remove_background": True,
        **placed(1, 40, 40, 160, 80),
    },
    "qr": code("qr-code", "https://example.com/tickets/42", **placed(1, 40, 0, 160, 160)),
    "barcode": code("barcode", "400638133393", format="ean13", **placed(1, 10, 30, 220, 100)),
    "layout": {
        "type": "layout",
        "index": 1,
        "position": {"x_in_px": 20, "y_in_px": 20},
        "direction": "vertical",
        "gap": 10,
        "padding": 10,
        "background_color": "#336699",
        "layers": [
            {"type": "solid-color", "hex_color": "#ffcc00", "dimensions": {"width_in_px": 100, "height_in_px": 30}},
            words("Auto", dimensions={"width_in_px": "auto", "height_in_px": 40}),
        ],
    },
}


def tiled():
    """Every layer on one canvas, three in a row, each in the middle of white as on a canvas of its own."""
    width, height = CANVAS["width_in_px"], CANVAS["height_in_px"]
    for place, layer in enumerate(LAYERS.values()):
        # What has no place fills its canvas.
        layer = {"dimensions": CANVAS, **layer} if "position" not in layer else dict(layer)
        own = layer.get("position", {"x_in_px": 0, "y_in_px": 0})
        left, top = place % 3 * width, place // 3 * height
        layer["position"] = {"x_in_px": own["x_in_px"] + left, "y_in_px": own["y_in_px"] + top}
        yield {**layer, "index": place + 1}


def failed(key, call):
    """What the client raises."""
    with IterationLayer(key, base_url=told["base_url"]) as client:
        try:
            call(client)
        except IterationLayerError as error:
            return {"status": error.status_code, "message": error.error_message, "text": str(error)}
    return None


def draw(*layers, **more):
    return lambda client: client.generate_image(dimensions=CANVAS, layers=list(layers), **more)


pictures = {}
with IterationLayer(told["key"], base_url=told["base_url"], timeout_in_s=120) as client:
    for name, layer in LAYERS.items():
        pictures[name] = draw(WHITE, layer)(client)
    pictures["jpeg"] = draw(WHITE, output_format="jpeg")(client)
    # Above in a font that comes along under a name of its own, below in one that nobody has.
    above = words("Hamburg", **placed(1, 10, 10, 220, 60), font_name="House")
    below = words("Hamburg", **placed(2, 10, 90, 220, 60), font_name="Nobody's")
    house = {"type": "base64", "name": "house.otf", "base64": FONT}
    fonts = [{"name": "House", "weight": "regular", "style": "normal", "file": house}]
    pictures["font"] = draw(WHITE, above, below, fonts=fonts)(client)
    accepted = client.generate_image_async(
        dimensions={"width_in_px": 720, "height_in_px": 480},
        layers=[WHITE, *tiled()],
        webhook_url=told["webhook_url"],
    )

key = told["key"]
wrong_code = code("barcode", "4006381333930", format="ean13", **placed(1, 0, 0, 90, 90))
missing = {"type": "image", "index": 1, "file": {"type": "url", "url": told["missing_url"]}}
text_file = {"type": "image", "index": 1, "file": {"type": "base64", "name": "a.png", "base64": b"no picture"}}
long_code = code("qr-code", "x" * 2954, **placed(1, 0, 0, 90, 90))


def start(*layers, webhook_url=told["webhook_url"]):
    return lambda client: client.generate_image_async(
        dimensions=CANVAS, layers=list(layers), webhook_url=webhook_url
    )


errors = {
    "nobody": failed("il_nobody", draw(WHITE)),
    "poor": failed(told["poor_key"], draw(WHITE)),
    "capped": failed(told["capped_key"], draw(WHITE)),
    "limited": failed(told["limited_key"], draw(WHITE)) or failed(told["limited_key"], draw(WHITE)),
    "empty": failed(key, draw()),
    "color": failed(key, draw(WHITE, {**WHITE, "index": 1, "hex_color": "red"})),
    "code": failed(key, draw(WHITE, wrong_code)),
    "long code": failed(key, draw(WHITE, long_code)),
    "empty code": failed(key, draw(WHITE, {**long_code, "value": ""})),
    "missing file": failed(key, draw(WHITE, missing)),
    "no picture": failed(key, draw(WHITE, text_file)),
    "nobody, async": failed("il_nobody", start(WHITE)),
    "empty, async": failed(key, start()),
    "code, async": failed(key, start(WHITE, wrong_code)),
    "webhook": failed(key, start(WHITE, webhook_url="http://8.8.8.8/hook")),
}

for picture in pictures.values():
    picture["buffer"] = base64.b64encode(picture["buffer"]).decode("ascii")
print(json.dumps({"pictures": pictures, "accepted": accepted, "tiles": list(LAYERS), "errors": errors}))
