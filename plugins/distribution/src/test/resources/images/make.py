"""Makes the images beside it and expected.json: what transformers answers about them.

Run with Pillow, torch and transformers; the model is goldens/vit-imgcls/base beside this folder.
Images are opened as transformers.image_utils.load_image does it: exif_transpose, then RGB. "stored"
is the answer without exif_transpose. TIFF is transposed by Pillow itself when it is opened, so
its stored pixels are those that were saved.
"""

import json
import pathlib

import numpy as np
import torch
from PIL import Image, ImageOps
from transformers import ViTForImageClassification

here = pathlib.Path(__file__).resolve().parent
model = ViTForImageClassification.from_pretrained(here.parent / "goldens/vit-imgcls/base").eval()


def answer(image):
    size = model.config.image_size
    pixels = np.asarray(image.convert("RGB").resize((size, size), Image.BILINEAR), dtype=np.float32)
    values = torch.tensor((pixels / 255 - 0.5) / 0.5).permute(2, 0, 1)[None].float()
    with torch.no_grad():
        return model(values).logits.softmax(-1)[0].tolist()


y, x = np.mgrid[0:18, 0:26]
photo = np.stack([x * 9, y * 13, 255 - x * 5 - y * 6], -1).clip(0, 255).astype(np.uint8)
photo[2:7, 3:12] = (250, 30, 10)
photo = Image.fromarray(photo)
glass = photo.copy()
glass.putalpha(Image.fromarray((x * 9).astype(np.uint8)))

expected = {}


def made(name, stored, **options):
    photo_file = here / name
    stored.save(photo_file, **options)
    upright = ImageOps.exif_transpose(Image.open(photo_file))
    expected[name] = {"upright": answer(upright), "stored": answer(Image.open(photo_file))}
    return expected[name]


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


for orientation in range(1, 9):
    made(f"exif{orientation}.jpg", photo, exif=exif(orientation), quality=60)
made("exif5.png", photo, exif=exif(5))
made("exif7.webp", glass, exif=exif(7), lossless=True, exact=True)
made("exif8.tif", photo, tiffinfo={0x0112: 8}, compression="tiff_lzw")["stored"] = answer(photo)
made("lossy.webp", Image.fromarray(np.asarray(photo.convert("L").convert("RGB"))), quality=80)
made("progressive.jpg", photo, progressive=True, quality=60)

(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
