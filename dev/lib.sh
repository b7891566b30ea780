#!/usr/bin/env bash
# Sourced by the commands beside it. `prepare` makes everything that Odoo needs to run, outside the repository:
# Odoo walks its add-ons with followlinks, so a tree of Odoo inside the repository would be walked as well.
# Nothing is printed when nothing is to be done.
set -Eeuo pipefail

module=account_credit_care
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
state=${CREDIT_CARE_STATE:-${XDG_CACHE_HOME:-$HOME/.cache}/$module}
venv=$state/venv
helpers=$repo/dev/helpers
log=$state/setup.log
export PGPORT=5499 PGUSER=odoo PGDATABASE=postgres # PGHOST, the folder of the socket: see cluster
command_name=dev/$(basename "$0")

odoo_version=19.0.0+dfsg-1
odoo_sha256=9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf
companions_suite=trixie # sid's fonts-font-awesome has another layout: links of the package would dangle
companions=(fonts-font-awesome fonts-inconsolata fonts-montserrat fonts-ocr-b fonts-roboto-unhinted
  libjs-jquery libjs-jquery-form libjs-underscore)
languages=(de es fr it nl) # all translations are 840 of 1200 MB; core's own tests need fr
installed_languages=en_US,it_IT
template_extra=l10n_it # the Italian chart of accounts, for tests and demo; the add-on does not depend on it

# --- what the person sees ---------------------------------------------------------------------------

say() { printf '%s\n' "$*" >&2; }
told=3 # exit code of a subshell whose failure has been explained already
quit() {
  trap - ERR
  if [ "$BASH_SUBSHELL" -gt 0 ]; then exit $told; fi
  exit 1
}
die() {
  say "$command_name: $*"
  quit
}

steps=6
step_text='' hint=''
step() { # NUMBER TEXT [HINT]: what is being done now, and what to do when it fails
  step_text=$2 hint=${3:-}
  say "== [$1/$steps] $2 … (${SECONDS} s)"
}

# One line every 15 s while COMMAND works; what it prints goes to the log.
quietly() {
  (
    trap - ERR
    "$@"
  ) >>"$log" 2>&1 9>&- &
  local pid=$! beats=0
  while kill -0 $pid 2>/dev/null; do
    sleep 0.2
    beats=$((beats + 1))
    if [ $((beats % 75)) = 0 ]; then say "   … still at it (${SECONDS} s)"; fi
  done
  wait $pid
}

on_error() {
  local code=$1 line=$2
  trap - ERR
  [ "$code" != $told ] || quit
  if [ -n "$step_text" ]; then
    say "$command_name stopped in: $step_text"
    if [ -s "$log" ]; then
      say "--- end of $log"
      tail -n 12 "$log" >&2
      say "---"
    fi
    [ -z "$hint" ] || say "What to do: $hint"
  else
    say "$command_name stopped at line $line"
  fi
  quit
}
trap 'on_error $? $LINENO' ERR

# --- 1 programs of the system ------------------------------------------------------------------------

postgres_bin() { find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1; }

missing_packages() {
  [ -n "$(postgres_bin)" ] && [ -x "$(postgres_bin)/initdb" ] || echo postgresql
  command -v wkhtmltopdf >/dev/null || echo wkhtmltopdf
  command -v chromium >/dev/null || [ -n "${CHROMIUM:-}" ] || echo chromium
  command -v pdftoppm >/dev/null || echo poppler-utils
  [ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  [ -d /usr/share/fonts/truetype/dejavu ] || echo fonts-dejavu-core
  [ -d /usr/share/fonts/truetype/liberation ] || [ -d /usr/share/fonts/truetype/liberation2 ] || echo fonts-liberation
}

system_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  local install="apt-get install --no-install-recommends ${missing[*]}"
  [ "$(id -u)" = 0 ] || die "these programs are missing. As root: apt-get update && $install"
  step 1 "Debian packages: ${missing[*]}" "see that 'apt-get update && $install' works, then start again"
  quietly apt-get update -qq
  DEBIAN_FRONTEND=noninteractive quietly apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# --- 2 Odoo ------------------------------------------------------------------------------------------

private_apt() { # SUITE COMMAND…: an apt of its own, so that the system's sources stay as they are
  local suite=$1 dir=$state/apt/$1 mirror
  shift
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^#' |
    grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ') || true
  mirror=${DEBIAN_MIRROR:-$mirror}
  : "${mirror:?apt names no mirror of Debian: set DEBIAN_MIRROR to the address of one, ending in /debian}"
  mkdir -p "$dir"/{lists/partial,cache/archives/partial,none.d}
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$dir/sources.list"
  cat >"$dir/apt.conf" <<CONF
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "$dir/none.d";
Dir::Etc::preferences "$dir/none";
Dir::Etc::preferencesparts "$dir/none.d";
Dir::State::lists "$dir/lists";
Dir::Cache "$dir/cache";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
CONF
  (cd "$state/debs" && export APT_CONFIG=$dir/apt.conf && apt-get update -qq && "$@")
}

newest_odoo_deb() { find "$state/debs" -name 'odoo-19_*_all.deb' | sort -V | tail -n 1; }

download_odoo() {
  if [ -z "$(newest_odoo_deb)" ]; then
    private_apt sid apt-get download -qq "odoo-19=$odoo_version" || private_apt sid apt-get download -qq odoo-19
  fi
  local deb
  deb=$(newest_odoo_deb)
  case $deb in
  *_"${odoo_version}"_all.deb)
    echo "$odoo_sha256  $deb" | sha256sum -c --quiet || {
      rm "$deb"
      return 1
    }
    ;;
  *) echo "sid has another version than $odoo_version: $deb" ;;
  esac
  compgen -G "$state/debs/fonts-font-awesome_*.deb" >/dev/null || private_apt $companions_suite apt-get download -qq "${companions[@]}"
}

unpack_odoo() {
  local stub="$state/odoo/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
  rm -rf "$state/odoo"
  mkdir -p "$state/odoo"
  dpkg-deb --fsys-tarfile "$(newest_odoo_deb)" | tar -x -C "$state/odoo" --wildcards --exclude='*/i18n/*.po'
  local deb
  for deb in "$state"/debs/{fonts,libjs}-*.deb; do dpkg-deb -x "$deb" "$state/odoo"; done
  # Debian leaves this minified file out, the manifest names it: without a stub every tour fails on a console error
  if [ ! -e "$stub" ]; then
    mkdir -p "$(dirname "$stub")"
    echo '/* left out by Debian */' >"$stub"
  fi
  touch "$state/odoo/.complete"
}

unpack_languages() {
  local patterns
  mapfile -t patterns < <(printf '*/i18n/%s.po\n' "${languages[@]}")
  dpkg-deb --fsys-tarfile "$(newest_odoo_deb)" | tar -x -C "$state/odoo" --wildcards "${patterns[@]}"
  echo "${languages[*]}" >"$state/odoo/.languages"
}

odoo_tree() {
  if [ -n "${ODOO_HOME:-}" ]; then
    [ -x "$ODOO_HOME/odoo-bin" ] || die "ODOO_HOME=$ODOO_HOME has no odoo-bin: name a checkout of Odoo 19"
    odoo_python_path=$ODOO_HOME odoo_addons=$ODOO_HOME/odoo/addons,$ODOO_HOME/addons odoo_script=$ODOO_HOME/odoo-bin
    return
  fi
  odoo_python_path=$state/odoo/usr/lib/python3/dist-packages
  odoo_addons=$odoo_python_path/odoo/addons odoo_script=$state/odoo/usr/bin/odoo
  local help="Debian's sid must be reachable through apt (set DEBIAN_MIRROR), or put the .deb of odoo-19 into $state/debs, or set ODOO_HOME to a checkout of Odoo 19"
  if [ ! -e "$state/odoo/.complete" ]; then
    step 2 "Odoo 19 from Debian sid (122 MB)" "$help"
    quietly download_odoo
    step 2 "unpacking Odoo" "if the disk is not full, remove $state/debs and start again"
    quietly unpack_odoo
  fi
  if [ "$(cat "$state/odoo/.languages" 2>/dev/null)" != "${languages[*]}" ]; then
    step 2 "unpacking translations (${languages[*]})" "$help"
    quietly unpack_languages
  fi
}

# --- 3 Python ----------------------------------------------------------------------------------------

make_venv() {
  [ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check -r "$repo/dev/requirements.txt" -r "$repo/dev/requirements-dev.txt"
}

python_packages() {
  local stamp
  stamp=$venv/.packages-$(cat "$repo"/dev/requirements*.txt | sha256sum | cut -c1-12)
  if [ ! -e "$stamp" ]; then
    step 3 "Python packages (250 MB)" "PyPI must be reachable through pip; Python must be 3.10 to 3.13 (PYTHON=… names another); if in doubt remove $venv"
    quietly make_venv
    touch "$stamp"
  fi
  export PYTHONPATH=$odoo_python_path PATH=$venv/bin:$PATH
}

# --- 4 PostgreSQL: a cluster of our own, reached by a socket only ----------------------------------------

user_namespace=(unshare --user --map-user=1000 --map-group=1000)

as_postgres() { # PostgreSQL refuses root. A user namespace lets it run in any folder; else the user postgres does
  if [ "$(id -u)" != 0 ]; then
    "$@"
  elif "${user_namespace[@]}" true 2>/dev/null; then
    "${user_namespace[@]}" "$@"
  else
    setpriv --reuid=postgres --regid=postgres --init-groups "$@"
  fi
}

cluster_folder() { # in the state folder, or where the user postgres can reach it
  if as_postgres test -x "$state"; then
    echo "$state/pg"
  else
    echo "/var/tmp/$module-$(printf %s "$state" | sha256sum | cut -c1-8)"
  fi
}

make_cluster() {
  mkdir -p "$PGHOST"
  as_postgres test -w "$PGHOST" || chown postgres: "$PGHOST"
  cd /
  as_postgres "$(postgres_bin)/initdb" -D "$PGHOST/data" -U odoo --auth=trust -E UTF8 --locale=C.UTF-8 -N
  as_postgres tee -a "$PGHOST/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$PGHOST'
port = $PGPORT
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 256MB
CONF
}

start_cluster() {
  local pid
  pid=$(as_postgres head -n 1 "$PGHOST/data/postmaster.pid" 2>/dev/null) || true
  if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != postgres ]; then # left by a machine that was switched off
    as_postgres rm -f "$PGHOST/data/postmaster.pid"
  fi
  cd /
  as_postgres "$(postgres_bin)/pg_ctl" -D "$PGHOST/data" -w -s -l "$PGHOST/log" start
}

cluster() {
  PGHOST=$(cluster_folder)
  export PGHOST
  [ ${#PGHOST} -lt 85 ] || die "the path $state is too long for a socket: set CREDIT_CARE_STATE to a shorter one"
  "$(postgres_bin)/pg_isready" -q && return
  step 4 "PostgreSQL" "see $PGHOST/log; dev/stop --wipe starts afresh"
  [ -e "$PGHOST/data/PG_VERSION" ] || quietly make_cluster
  quietly start_cluster
}

# --- a lane: the databases, the add-ons link and the settings of one person or checkout ------------------

lane() {
  lane=${CREDIT_CARE_LANE:-$(basename "$repo")}
  lane=$(printf %s "$lane" | tr '[:upper:]' '[:lower:]' | tr -c 'a-z0-9\n' _ | cut -c1-24)
  local other
  other=$(readlink "$state/lanes/$lane/addons/$module" || true)
  if [ -z "${CREDIT_CARE_LANE:-}" ] && [ -e "$other" ] && [ "$other" != "$repo" ]; then
    lane=${lane}_$(printf %s "$repo" | sha256sum | cut -c1-4) # another checkout in a folder of the same name
  fi
  lane_dir=$state/lanes/$lane
  log=$lane_dir/setup.log
  addon=$lane_dir/addons/$module # paths are given through this link: Odoo derives the module's name from them
  mkdir -p "$lane_dir/addons"
  ln -sfn "$repo" "$addon"
  export ODOO_RC=$lane_dir/odoo.conf
  cat >"$ODOO_RC.$$" <<CONF
[options]
addons_path = $odoo_addons,$lane_dir/addons
data_dir = $state/data
db_host = ${PGHOST:-}
db_port = $PGPORT
db_user = $PGUSER
http_interface = 127.0.0.1
log_handler = odoo.addons.rpc.controllers:ERROR
screenshots = $lane_dir/screenshots
CONF
  mv "$ODOO_RC.$$" "$ODOO_RC"
}

locked() { # NAME COMMAND…: one at a time on this state folder
  local name=$1
  shift
  (
    flock -n 9 || {
      say "   waiting for another command that holds the lock '$name' …"
      flock 9
    }
    "$@"
  ) 9>"$state/locks/$name"
}

prepare_parts() {
  mkdir -p "$state"/{debs,data/filestore,lanes,locks}
  exec 9>"$state/locks/setup"
  flock -n 9 || {
    say "   waiting for another set-up …"
    flock 9
  }
  local part
  for part in "$@"; do $part; done
  exec 9>&-
  step_text=''
  lane
}
prepare() { prepare_parts system_packages odoo_tree python_packages cluster; }
prepare_python() { prepare_parts system_packages odoo_tree python_packages; }

# --- databases ---------------------------------------------------------------------------------------

odoo() { "$venv/bin/python" "$odoo_script" "$@"; } # a script, not -m odoo: --workers starts sys.argv[0] again
sql() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }
has_database() { [ -n "$(sql -c "select 1 from pg_database where datname = '$1'")" ]; }

drop() {
  dropdb --if-exists --force "$1" 2>/dev/null
  rm -rf "$state/data/filestore/$1"
}

clone() { # FROM TO
  drop "$2"
  createdb -T "$1" "$2"
  [ ! -d "$state/data/filestore/$1" ] || cp -al "$state/data/filestore/$1" "$state/data/filestore/$2"
}

rename() { # FROM TO
  drop "$2"
  [ ! -d "$state/data/filestore/$1" ] || mv "$state/data/filestore/$1" "$state/data/filestore/$2"
  sql -c "alter database \"$1\" rename to \"$2\""
}

drop_old() { # PREFIX: of these databases, all but the three newest, and what failed to become one
  local old="select datname from pg_database where datname ~ '^$1[0-9a-f]{10}\$' order by oid desc offset 3"
  local failed="select datname from pg_database where datname ~ '^new_$1[0-9a-f]{10}\$'"
  for old in $(sql -c "$old") $(sql -c "$failed"); do drop "$old"; done
}

install() { # DATABASE MODULES [odoo options]
  local database=$1 modules=$2
  shift 2
  quietly odoo -d "$database" -i "$modules" "$@" --stop-after-init --no-http --max-cron-threads=0 --log-level=warn
}

depends() { python3 -c 'import ast, sys; print(",".join(ast.literal_eval(open(sys.argv[1]).read())["depends"]))' "$repo/__manifest__.py"; }

# Hash of the files below the repository's PATHS… or, with none, of all that the installed module is made of.
content_hash() {
  (
    cd "$repo"
    if git rev-parse --git-dir >/dev/null 2>&1; then
      if [ $# = 0 ]; then set -- . ':!tests' ':!docs' ':!bench' ':!client' ':!dev' ':!demo' ':!.*' ':!*.md' ':!pyproject.toml'; fi
      git ls-files -z --cached --others --exclude-standard -- "$@"
    else # unpacked from an archive: every file counts
      find "${@:-.}" -name __pycache__ -prune -o -type f -print0
    fi | sort -zu | xargs -0 sha256sum 2>/dev/null || true # a file that git knows may have been removed
  ) | sha256sum | cut -c1-10
}

base_template() { # [with-demo]: what the module depends on, installed once; sets $base
  demo=${1:-without-demo} modules=$(depends) options=()
  if [ "$demo" = without-demo ]; then
    modules+=,$template_extra
    options=("--load-language=$installed_languages")
  fi
  base=base_$(echo "$modules $demo ${options[*]} $odoo_script $(stat -c %Y "$odoo_script")" | sha256sum | cut -c1-10)
  has_database "$base" || locked "$base" make_base
}
make_base() {
  ! has_database "$base" || return 0
  step 5 "template database with $modules ($demo; once, about a minute)" "see the log; dev/stop --wipe drops all databases"
  drop "new_$base"
  install "new_$base" "$modules" "--$demo" "${options[@]}"
  sql -d "new_$base" -c "update mail_mail set state = 'cancel' where state = 'outgoing'" # Odoo's demo data queue e-mail
  rename "new_$base" "$base"
}

# The charts of the companies that most tests work in, loaded once: they know nothing of the module.
tests_template() { # the installed module on these companies; sets $installed, and $plain: the base without them
  base_template
  plain=$base
  base=tests_$(echo "$plain $(content_hash dev/helpers/on_database.py)" | sha256sum | cut -c1-10)
  has_database "$base" || locked tests_base make_tests_base
  module_on_base
}
make_tests_base() {
  ! has_database "$base" || return 0
  step 5 "companies for the tests (once)" "mend dev/helpers/on_database.py; the log has the whole traceback"
  drop_old tests_
  clone "$plain" "new_$base"
  quietly run_helper on_database.py "new_$base" companies
  rename "new_$base" "$base"
}

module_template() { # the module installed on the base; sets $installed
  base_template
  module_on_base
}
module_on_base() { # once for each state of the module's files
  installed=module_${lane}_$(echo "$base $(content_hash)" | sha256sum | cut -c1-10)
  has_database "$installed" || locked "module_$lane" make_installed
  install_warnings=$lane_dir/$installed.warnings
  [ ! -s "$install_warnings" ] || say "Odoo warned while installing $module:
$(cat "$install_warnings")"
}
make_installed() {
  ! has_database "$installed" || return 0
  step 6 "installing $module" "mend the module; the log has the whole traceback"
  : >"$log"
  rm -f "$lane_dir"/*.warnings
  drop_old "module_${lane}_"
  clone "$base" "new_$installed"
  install "new_$installed" $module
  grep -E ' (WARNING|ERROR|CRITICAL) ' "$log" >"$lane_dir/$installed.warnings" || true
  rename "new_$installed" "$installed"
}

run_helper() { # NAME.py ARGUMENTS…
  local name=$1
  shift
  "$venv/bin/python" "$helpers/$name" "$@"
}

# The books are relative to the day they are written, and know nothing of the module: a day's books serve every state
# of it.
after_the_books=({night,plot,scenes,history,agency,voices,figures}.py) # what the demo does with them has no part in them
ledger_template() { # the installed module on demo/ledger.py's books of today; sets $installed
  base_template
  books=books_$(echo "$base $(date +%F) $(content_hash demo "${after_the_books[@]/#/:!demo/}")" | sha256sum | cut -c1-10)
  has_database "$books" || locked books make_books # one at a time: the older ones are dropped
  installed=ledger_${lane}_$(echo "$books $(content_hash)" | sha256sum | cut -c1-10)
  has_database "$installed" || locked "module_$lane" make_ledger
}
make_books() {
  ! has_database "$books" || return 0
  step 6 "writing the demo ledger (once a day, about a minute)" "mend demo/ledger.py; the log has the whole traceback"
  : >"$log"
  drop_old books_
  clone "$base" "new_$books"
  quietly run_helper on_database.py "new_$books" ledger
  rename "new_$books" "$books"
}
make_ledger() {
  ! has_database "$installed" || return 0
  step 6 "installing $module on the demo ledger" "mend the module; the log has the whole traceback"
  : >"$log"
  drop_old "ledger_${lane}_"
  clone "$books" "new_$installed"
  install "new_$installed" $module
  quietly run_helper on_database.py "new_$installed" staff
  rename "new_$installed" "$installed"
}

make_database() { # NAME: a clone of $installed that remembers which state of the module is in it
  clone "$installed" "$1"
  sql -c "comment on database \"$1\" is 'module $(content_hash)'"
}

update_database() { # NAME: brings it to the module as it is now
  local known
  known=$(sql -c "select shobj_description(oid, 'pg_database') from pg_database where datname = '$1'")
  [ "$known" != "module $(content_hash)" ] || return 0
  step 6 "updating $module in the database $1" "mend the module, or make the database anew; the log has the whole traceback"
  : >"$log"
  quietly odoo -d "$1" -u $module --stop-after-init --no-http --max-cron-threads=0 --log-level=warn
  sql -c "comment on database \"$1\" is 'module $(content_hash)'"
}

# --- servers -----------------------------------------------------------------------------------------

free_port() { # [FIRST]: the first free port from there on, or any
  "$venv/bin/python" - "${1:-0}" <<'PYTHON'
import socket, sys
port = int(sys.argv[1])
while True:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            port += 1
        else:
            print(probe.getsockname()[1])
            break
PYTHON
}

serve() { # DATABASE PORT [odoo options]: in the background; returns when it answers; sets $server_pid
  local database=$1 port=$2 tries=0
  shift 2
  ODOO_HTTP_PORT=$port "$venv/bin/python" "$odoo_script" -d "$database" --db-filter "^$database\$" "$@" \
    2> >(grep --line-buffered -v 'is a security risk' >&2 || true) 9>&- &
  server_pid=$!
  until "$venv/bin/python" -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/web/health', timeout=5)" 2>/dev/null; do
    kill -0 "$server_pid" 2>/dev/null || die "the server stopped at once"
    tries=$((tries + 1))
    [ $tries -lt 120 ] || die "the server does not answer on port $port"
    sleep 0.3
  done
}

stop_processes() { # PIDS…: asked twice, since a signal that another thread gets wakes Odoo only after a minute
  local pid signal
  for pid in "$@"; do
    for signal in TERM TERM KILL; do
      kill -$signal "$pid" 2>/dev/null || break
      for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        kill -0 "$pid" 2>/dev/null || break 2
        sleep 0.1
      done
    done
  done
}

served_at() { # DATABASE: the address of the server that dev/demo keeps on it, if any
  local file=$lane_dir/$1.url
  [ -e "$file" ] && ! flock -n "$file" true && cat "$file"
}
