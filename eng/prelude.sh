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

# fresh STAMP FOLDER...: true when nothing in these folders, and nothing every build reads, is newer than the stamp. (Directories count: they change
# when a file is removed. What is installed or built inside does not.)
fresh() {
  local stamp="$1"
  shift
  [ -f "$stamp" ] && [ -z "$(find "$@" "$root/eng" "$root"/Directory.*.props "$root/global.json" "$root/.editorconfig" \
    \( -name node_modules -o -name wwwroot \) -prune -o -newer "$stamp" -print -quit)" ]
}
