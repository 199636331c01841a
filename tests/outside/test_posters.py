"""Posters as a camera and a printer see them: every code is read back, from both formats, on both papers."""

import re
import shutil
import subprocess
import xml.etree.ElementTree

import pytest
from programs import Program, free_port

URL = "https://opinioni.ente.example.it"
SERVICE = "anagrafe"
ADDRESS = f"{URL}/s/{SERVICE}"
AGENCY = 'Città di "Škofja" & Dolič'
PAPERS = {"a4": (595.28, 841.89), "a6": (297.64, 419.53)}
TEXTS = {
    "it": ["Com’è andata?", "Dicci la tua: è anonimo.", "Inquadra il codice con la fotocamera o scrivi l’indirizzo"],
    "en": ["How did it go?", "Tell us what you think: it’s anonymous.", "Scan the code with your camera or type the address"],
    "de": ["Wie ist es gelaufen?", "Sagen Sie uns Ihre Meinung: anonym.", "Code mit der Kamera scannen oder Adresse eingeben"],
    "fr": [
        "Comment ça s’est passé ?",
        "Donnez votre avis : c’est anonyme.",
        "Scannez le code avec l’appareil photo ou saisissez l’adresse",
    ],
    "sl": ["Kako je bilo?", "Povejte nam svoje mnenje: anonimno je.", "Kodo skenirajte s kamero ali vpišite naslov"],
}

for tool in ("zbarimg", "pdftoppm", "rsvg-convert"):
    assert shutil.which(tool), f"{tool} is missing: zbar-tools, poppler-utils, librsvg2-bin"


@pytest.fixture(scope="module")
def collector(tmp_path_factory):
    port = free_port()
    program = Program(
        "collector",
        tmp_path_factory.mktemp("posters"),
        f"[agency]\nname = '{AGENCY}'\n[public]\naddress = '127.0.0.1:{port}'\nurl = '{URL}'\n"
        f"[[services]]\nid = '{SERVICE}'\nname = 'Anagrafe: cambio di residenza'\ntype = 'transaction'\n",
    )
    return program


def poster(collector, paper, languages, ending):
    path = collector.folder / f"{paper}-{languages}.{ending}".replace(",", "-")
    collector.run(
        "poster", "--service", SERVICE, "--format", paper, "--languages", languages, "--out", str(path)
    )
    return path


def output_of(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, check=True, timeout=60).stdout.decode()


def read_code(picture):
    return output_of("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture).strip()


def rendered(document, dots_per_inch):
    picture = document.with_suffix(f".{document.suffix[1:]}.png")
    if document.suffix == ".pdf":
        output_of("pdftoppm", "-singlefile", "-png", "-r", dots_per_inch, document, picture.with_suffix(""))
    else:
        output_of("rsvg-convert", "--dpi-x", dots_per_inch, "--dpi-y", dots_per_inch, document, "--output", picture)
    return picture


@pytest.mark.parametrize("ending", ["svg", "pdf"])
@pytest.mark.parametrize("paper", PAPERS)
def test_the_code_leads_to_the_service(collector, paper, ending):
    # Coarser than any printer: 75 dots an inch on A6 leave a module some 2.5 dots.
    assert read_code(rendered(poster(collector, paper, "it,en", ending), 75 if paper == "a4" else 110)) == ADDRESS


@pytest.mark.parametrize("paper", PAPERS)
def test_a_quarter_of_damage_to_one_side_is_borne(collector, paper):
    """A sticker over the middle of the code, an eighth of its side each way."""
    document = poster(collector, paper, "it,en", "svg")
    sheet = xml.etree.ElementTree.fromstring(document.read_text())
    code = next(path.get("d") for path in sheet.iter("{http://www.w3.org/2000/svg}path") if path.get("fill") == "#000000")
    points = [tuple(map(float, point)) for point in re.findall(r"[ML]([\d.]+) ([\d.]+)", code)]
    left, top, right = min(x for x, _ in points), min(y for _, y in points), max(x for x, _ in points)
    side = (right - left) / 4
    place = f'x="{left + 1.5 * side:.1f}" y="{top + 1.5 * side:.1f}" width="{side:.1f}" height="{side:.1f}"'
    damaged = document.with_name(f"damaged-{paper}.svg")
    damaged.write_text(document.read_text().replace("</svg>", f'<rect {place} fill="#ffffff"/></svg>'))
    assert read_code(rendered(damaged, 150)) == ADDRESS


@pytest.mark.parametrize("paper", PAPERS)
def test_the_paper_is_exact_and_one_page_with_nothing_embedded(collector, paper):
    document = poster(collector, paper, "de,fr", "pdf")
    information = output_of("pdfinfo", document)
    width, height = map(float, re.search(r"Page size:\s+([\d.]+) x ([\d.]+) pts", information).groups())
    assert (width, height) == pytest.approx(PAPERS[paper], abs=0.01)
    assert re.search(r"Pages:\s+1\n", information) and re.search(r"Title:\s+Città di", information)
    fonts = output_of("pdffonts", document).splitlines()[2:]
    assert sorted(line.split()[0] for line in fonts) == ["Helvetica", "Helvetica-Bold"]


@pytest.mark.parametrize("languages", ["it,en", "de,fr", "sl", "fr,sl"])
def test_every_text_can_be_read_in_both_formats(collector, languages):
    pdf = output_of("pdftotext", poster(collector, "a4", languages, "pdf"), "-").replace("\u00a0", " ")
    sheet = xml.etree.ElementTree.parse(poster(collector, "a4", languages, "svg"))
    svg = "\n".join(sheet.getroot().itertext()).replace("\u00a0", " ")
    for text in [AGENCY, "Anagrafe: cambio di residenza", ADDRESS.removeprefix("https://")]:
        assert text in pdf and text in svg
    for tag, texts in TEXTS.items():
        for text in texts:
            assert ((text in pdf), (text in svg)) == ((tag in languages.split(","),) * 2), (tag, text)
