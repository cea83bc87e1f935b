# Sourced by ./run, ./build and ./test: where things are, and a dotnet that leaves nothing running behind.
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# No build server outlives a command: neither MSBuild nodes nor the compiler.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false

die() {
  echo "$*" >&2
  exit 1
}

require_dotnet() {
  command -v dotnet >/dev/null || die "dotnet was not found: install the .NET 10 SDK (package dotnet-sdk-10.0, or https://dot.net)."
  (cd "$root" && dotnet --version >/dev/null 2>&1) || die "The .NET SDK that global.json asks for was not found. Installed: $(dotnet --list-sdks | tr '\n' ' ')"
  # Executables look for the runtime in well-known places only; an SDK unpacked elsewhere has to be pointed out to them.
  if [ -z "${DOTNET_ROOT:-}" ]; then
    local home
    home="$(dirname "$(readlink -f "$(command -v dotnet)")")"
    if [ -d "$home/host/fxr" ]; then export DOTNET_ROOT="$home"; fi
  fi
}

# fresh STAMP: true when nothing the server is built from is newer than the stamp. (Directories count: they change when a file is removed. What the build
# itself writes into them does not: the UI's packages and wwwroot.)
fresh() {
  [ -f "$1" ] && [ -z "$(find "$root/src" "$root/eng" "$root"/ui/* "$root/ui/.npmrc" "$root"/Directory.*.props "$root/global.json" "$root/.editorconfig" \
    \( -path "$root/ui/node_modules" -o -path "$root/src/Waymark.Server/wwwroot" \) -prune -o -newer "$1" -print -quit)" ]
}
