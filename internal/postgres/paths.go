package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

const (
	superuser    = "postgres" // of the private cluster, whoever runs it
	databaseName = "rankloop"
	socketName   = ".s.PGSQL.5432"

	// socketPathBytesMax is what the smallest sockaddr_un in use (macOS) holds, less the final NUL.
	socketPathBytesMax = 103
)

// paths are the places of a private cluster inside the data folder.
type paths struct {
	folder string // holds all below
	lock   string
	data   string // Postgres' own data folder
	socket string // folder of the unix socket
	log    string
}

func newPaths(dataDir string) (paths, error) {
	absolute, err := filepath.Abs(dataDir)
	if err != nil {
		return paths{}, fmt.Errorf("data folder: %w", err)
	}
	folder := filepath.Join(absolute, "postgres")
	p := paths{
		folder: folder,
		lock:   filepath.Join(folder, "lock"),
		data:   filepath.Join(folder, "data"),
		socket: filepath.Join(folder, "socket"),
		log:    filepath.Join(folder, "log"),
	}
	if len(filepath.Join(p.socket, socketName)) > socketPathBytesMax {
		sum := sha256.Sum256([]byte(folder))
		// Not $TMPDIR: every process must find the same place.
		p.socket = filepath.Join("/tmp", fmt.Sprintf("rankloop-%d-%s", os.Geteuid(), hex.EncodeToString(sum[:8])))
	}
	return p, nil
}

func (p paths) url(database string) string {
	query := url.Values{"host": {p.socket}, "user": {superuser}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + query.Encode()
}
