package postgres

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rankloop/ranking"
)

// majorMin is the oldest major version whose features are used.
const majorMin = 13

// binaries are the programs of one Postgres installation.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// binaryFolders lists where installations are usually found.
func binaryFolders() []string {
	var folders []string
	if found, err := exec.LookPath("postgres"); err == nil {
		folders = append(folders, filepath.Dir(found))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
		"/usr/lib/postgresql*/bin",  // Alpine, SUSE
		"/usr/libexec/postgresql*",  // Alpine
		"/usr/pgsql-*/bin",          // the Postgres project's RPMs
		"/usr/local/pgsql/bin",      // built from source
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		found, err := filepath.Glob(pattern)
		if err == nil {
			folders = append(folders, found...)
		}
	}
	return folders
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// installations returns what is installed in the folders, newest first.
func installations(folders []string) []binaries {
	var found []binaries
	for _, dir := range folders {
		b := binaries{dir: dir}
		if _, err := os.Stat(b.path("initdb")); err != nil {
			continue
		}
		output, err := exec.Command(b.path("postgres"), "--version").Output()
		if err != nil {
			continue
		}
		match := versionPattern.FindSubmatch(output)
		if match == nil {
			continue
		}
		b.major, _ = strconv.Atoi(string(match[1]))
		found = append(found, b)
	}
	slices.SortStableFunc(found, func(a, b binaries) int { return cmp.Compare(b.major, a.major) })
	return found
}

// chooseBinaries picks the installation for a data folder: the newest for a new one, the same major version for an
// existing one. It never suggests to make a new cluster beside existing data.
func chooseBinaries(folders []string, data string) (binaries, error) {
	found := installations(folders)
	version, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil && !os.IsNotExist(err) {
		return binaries{}, err
	}
	if err == nil {
		major := strings.TrimSpace(string(version))
		for _, b := range found {
			if strconv.Itoa(b.major) == major {
				return b, nil
			}
		}
		return binaries{}, ranking.Errorf(ranking.CodeUnavailable,
			"the database in %s was made by Postgres %s, which is not installed here (found: %s). Install that version (apt install postgresql-%s), or choose another data folder with --data, or set DATABASE_URL. Nothing was changed.",
			data, major, majors(found), major)
	}
	if len(found) == 0 {
		return binaries{}, ranking.Errorf(ranking.CodeUnavailable,
			"Postgres is not installed. Ways out: run `make setup` or `apt install postgresql`; or set DATABASE_URL to a running server; or run `docker compose up`.")
	}
	if found[0].major < majorMin {
		return binaries{}, ranking.Errorf(ranking.CodeUnavailable,
			"Postgres %d or newer is needed, found: %s. Install a newer one, or set DATABASE_URL.", majorMin, majors(found))
	}
	return found[0], nil
}

func majors(found []binaries) string {
	if len(found) == 0 {
		return "none"
	}
	var names []string
	for _, b := range found {
		names = append(names, strconv.Itoa(b.major))
	}
	return strings.Join(slices.Compact(names), ", ")
}
