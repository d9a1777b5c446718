package app

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// serverFile is <data>/server.json: where the data folder's server answers, for commands that need it.
type serverFile struct {
	URL       string    `json:"url"`
	PID       int       `json:"pid"`
	StartedAt time.Time `json:"started_at"`
}

func serverFilePath(dataDir string) string { return filepath.Join(dataDir, "server.json") }

// writeServerFile announces the server, whole or not at all.
func writeServerFile(dataDir, url string) error {
	content, err := json.Marshal(serverFile{URL: url, PID: os.Getpid(), StartedAt: time.Now().UTC()})
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(dataDir, ".server-*.json")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(append(content, '\n'))
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), serverFilePath(dataDir))
}

// removeServerFile takes the announcement back, unless another server has made its own since.
func removeServerFile(dataDir string) {
	if file, err := readServerFile(dataDir); err == nil && file.PID == os.Getpid() {
		os.Remove(serverFilePath(dataDir))
	}
}

func readServerFile(dataDir string) (serverFile, error) {
	var file serverFile
	content, err := os.ReadFile(serverFilePath(dataDir))
	if err != nil {
		return serverFile{}, err
	}
	return file, json.Unmarshal(content, &file)
}

// RunningServer finds the data folder's server, if one answers.
func (s *Services) RunningServer(ctx context.Context) (url string, running bool) {
	file, err := readServerFile(s.DataDir)
	if err != nil || file.URL == "" {
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, file.URL+"/healthz", nil)
	if err != nil {
		return "", false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", false // it was killed before it could take its announcement back
	}
	response.Body.Close()
	return file.URL, response.StatusCode == http.StatusOK
}
