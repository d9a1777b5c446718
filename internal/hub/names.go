package hub

import (
	"io/fs"
	"regexp"
	"strings"

	"rankloop/ranking"
)

var (
	repositoryPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$`)
	revisionPattern   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)
	commitPattern     = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
)

const nameBytesMax = 200

// CheckRepository accepts OWNER/NAME, and NAME alone as the oldest repositories have it.
func CheckRepository(name string) error {
	if len(name) > nameBytesMax || !repositoryPattern.MatchString(name) || strings.Contains(name, "..") || strings.Contains(name, "--") {
		return ranking.Errorf(ranking.CodeInvalid, "%q is no name of a repository; write OWNER/NAME", name)
	}
	return nil
}

// CheckRevision accepts a branch, a tag or a commit.
func CheckRevision(name string) error {
	if len(name) > nameBytesMax || !revisionPattern.MatchString(name) || !fs.ValidPath(name) || strings.Contains(name, "..") {
		return ranking.Errorf(ranking.CodeInvalid, "%q is no revision; write a branch, a tag or a commit", name)
	}
	return nil
}

// plainPath says whether a file of a repository has a name that is a path below a folder and nothing else.
func plainPath(name string) bool {
	return len(name) <= nameBytesMax && fs.ValidPath(name) && name != "." && !strings.ContainsFunc(name, func(r rune) bool {
		return r < ' ' || r == 0x7f || r == '\\' || r == ':'
	})
}

// plainName is plainPath for a file that lies in no folder.
func plainName(name string) bool { return plainPath(name) && !strings.Contains(name, "/") }
