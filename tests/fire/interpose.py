"""The shim in front of a program: kills at named points, failing calls, and what a disk would hold after a power failure."""

import hashlib
import pathlib
import random
import shutil
import subprocess

from programs import BINARIES

HERE = pathlib.Path(__file__).parent
# What a disk writes whole.
SECTOR = 512


def shim():
    """The shim, compiled when its source has changed."""
    sources = [HERE / name for name in ("shim.c", "shadow.c", "shim.h")]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    library = BINARIES.parent / f"fire-shim-{digest}.so"
    if not library.exists():
        fresh = library.with_suffix(".new")
        options = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", fresh]
        subprocess.run(["cc", *options, *sources[:2], "-ldl", "-lpthread"], check=True)
        fresh.rename(library)
    return library


def interposed(program, plan="", out_port=0, **more):
    """The environment in which `plan` is carried out on `program`."""
    environment = {"LD_PRELOAD": str(shim()), "FIRE_DATA": str(program.data), "FIRE_OUT_PORT": str(out_port)}
    return {**environment, "FIRE_PLAN": plan, **{name: str(value) for name, value in more.items()}}


class Disk:
    """What would be on the disk of `program`; `fail` makes it so."""

    def __init__(self, program):
        self.program, self.shadow = program, program.folder / f"{program.name}.shadow"

    def environment(self, plan="", **more):
        # A start is the machine's start: all that is there is on the disk.
        shutil.rmtree(self.shadow, ignore_errors=True)
        self.shadow.mkdir()
        return interposed(self.program, plan, FIRE_SHADOW=self.shadow, **more)

    def names(self):
        lines = (self.shadow / "names").read_text().splitlines()
        return {name: inode for inode, name in (line.split(" ", 1) for line in lines)}

    def fail(self, torn=None):
        """The power fails. With a seed, a random part of what was not synced has reached the disk all the same: sectors of
        files, and changes of names. Yields how many bytes were lost."""
        luck, lost = random.Random(torn), 0
        paths = {path.name: path for path in self.program.data.iterdir() if path.is_file()}
        written = {str(path.stat().st_ino): path.read_bytes() for path in paths.values()}
        present, synced = {name: str(path.stat().st_ino) for name, path in paths.items()}, self.names()
        for name in present.keys() | synced.keys():
            inode = synced.get(name) if torn is None or luck.random() < 0.5 else present.get(name)
            after = self._content(inode, written, torn, luck)
            lost += lost_between(written.get(present.get(name), b""), after or b"")
            if after is not None:
                (self.program.data / name).write_bytes(after)
            elif name in paths:
                paths[name].unlink()
        return lost

    def _content(self, inode, written, torn, luck):
        if inode is None:
            return None
        kept = self.shadow / inode
        synced = kept.read_bytes() if kept.exists() else b""
        return synced if torn is None or inode not in written else mixed(written[inode], synced, luck)


def lost_between(written, after):
    return sum(a != b for a, b in zip(written, after)) + max(0, len(written) - len(after)) if written != after else 0


def mixed(written, synced, luck):
    """Each sector as it was written or as it was synced."""
    chance = luck.random()
    length = luck.choice([len(written), len(synced)])
    sectors = []
    for at in range(0, length, SECTOR):
        new, old = written[at : at + SECTOR], synced[at : at + SECTOR]
        width = min(SECTOR, length - at)
        sectors.append((new if luck.random() < chance else old).ljust(width, b"\0")[:width])
    return b"".join(sectors)
