package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

//go:embed assets
var embedded embed.FS

// assetFiles is the tree below assets/, and assetPrefix its public folder: /assets/<hash of the whole tree>. A changed
// file changes the folder, so browsers may keep what they have for good, and relative imports between modules hold.
var assetFiles, assetPrefix = mustAssets()

func mustAssets() (fs.FS, string) {
	files, err := fs.Sub(embedded, "assets")
	if err != nil {
		panic(err) // the name is a constant
	}
	sum := sha256.New()
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		sum.Write([]byte(name))
		sum.Write([]byte{0})
		sum.Write(data)
		return err
	})
	if err != nil {
		panic(err) // embedded files are always readable
	}
	return files, "/assets/" + hex.EncodeToString(sum.Sum(nil))[:12]
}

// contentTypes are the kinds of file that are served; anything else under assets (licences, notes) is not public.
// They are fixed here because the system's MIME table may lack them or disagree.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
}

// serveAsset answers GET /assets/:hash/*.
func serveAsset(c echo.Context) error {
	name := path.Clean(strings.TrimPrefix(c.Param("*"), "/"))
	contentType, ok := contentTypes[path.Ext(name)]
	if !ok || "/assets/"+c.Param("hash") != assetPrefix || !fs.ValidPath(name) {
		return echo.ErrNotFound
	}
	data, err := fs.ReadFile(assetFiles, name)
	if err != nil {
		return echo.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return c.Blob(http.StatusOK, contentType, data)
}
