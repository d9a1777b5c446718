package postgres

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"rankloop/ranking"
)

// account is the system user that runs the server. Postgres refuses to run as root, so root steps down to postgres or,
// where that is missing, nobody; everybody else runs it as themselves.
type account struct {
	name       string
	credential *syscall.Credential // nil: as this process
}

func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(found.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(found.Gid, 10, 32)
		if errUID != nil || errGID != nil {
			continue
		}
		return account{name: name, credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return account{}, ranking.Errorf(ranking.CodeUnavailable,
		"Postgres does not run as root, and there is neither a user postgres nor a user nobody to run it as. Run rankloop as an ordinary user, or set DATABASE_URL.")
}

func (a account) uid() int {
	if a.credential != nil {
		return int(a.credential.Uid)
	}
	return os.Geteuid()
}

// ownedFolder makes a folder that belongs to the account alone. It refuses one that belongs to somebody else: in a
// shared temporary folder that could be a trap.
func (a account) ownedFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	if a.credential != nil {
		if err := os.Chown(path, int(a.credential.Uid), int(a.credential.Gid)); err != nil {
			return err
		}
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || !ok || int(stat.Uid) != a.uid() {
		return fmt.Errorf("%s belongs to somebody else", path)
	}
	return os.Chmod(path, 0o700)
}

// checkEnter makes sure that the account can enter a folder. It tries with a harmless program rather than reading mode
// bits, so access lists count as well; then it names the uppermost folder that is closed.
func (a account) checkEnter(b binaries, folder string) error {
	if a.credential == nil || a.canEnter(b, folder) {
		return nil
	}
	closed := folder
	for parent := filepath.Dir(closed); parent != closed && !a.canEnter(b, parent); parent = filepath.Dir(parent) {
		closed = parent
	}
	return ranking.Errorf(ranking.CodeUnavailable,
		"the user %s, who runs the database for root, cannot enter %s. Let it pass with `chmod o+x %s`, or choose another data folder with --data (for example /var/lib/rankloop), or set DATABASE_URL.",
		a.name, closed, closed)
}

func (a account) canEnter(b binaries, folder string) bool {
	cmd := exec.Command(b.path("postgres"), "--version")
	cmd.Dir = folder // entered after the credential has changed
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential}
	return cmd.Run() == nil
}
