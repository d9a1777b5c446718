package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed catalog/*.json
var files embed.FS

// message is one entry: plain entries fill Other alone.
type message struct {
	One   string `json:"one"`
	Other string `json:"other"`
}

// UnmarshalJSON accepts "text" and {"one": "text", "other": "text"}.
func (m *message) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &m.Other)
	}
	type plural message // without this method
	return json.Unmarshal(data, (*plural)(m))
}

var (
	catalogs     = map[Locale]map[string]message{English: mustCatalog(English), Chinese: mustCatalog(Chinese)}
	errorFormats = map[Locale]map[string]string{Chinese: mustErrorFormats(Chinese)}
)

// mustCatalog reads catalog/<locale>.json and catalog/<part>.<locale>.json, where messages are grouped by page, into flat
// keys: "ranking.submit".
func mustCatalog(l Locale) map[string]message {
	flat := map[string]message{}
	for _, path := range append(mustGlob("catalog/*."+string(l)+".json"), fmt.Sprintf("catalog/%s.json", l)) {
		if strings.HasPrefix(path, errorFiles) {
			continue
		}
		var grouped map[string]map[string]message
		mustDecode(path, &grouped)
		for group, messages := range grouped {
			for key, m := range messages {
				flat[group+"."+key] = m
			}
		}
	}
	return flat
}

// errorFiles is how the names of files with error formats begin.
const errorFiles = "catalog/errors."

// mustErrorFormats reads catalog/errors.<locale>.json and catalog/errors.<part>.<locale>.json: English error format →
// format of the locale.
func mustErrorFormats(l Locale) map[string]string {
	formats := map[string]string{}
	for _, path := range mustGlob(errorFiles + "*" + string(l) + ".json") {
		mustDecode(path, &formats)
	}
	return formats
}

func mustGlob(pattern string) []string {
	paths, err := fs.Glob(files, pattern)
	if err != nil {
		panic(err) // the pattern is a constant
	}
	return paths
}

func mustDecode(path string, into any) {
	data, err := files.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		panic(fmt.Sprintf("i18n: embedded %s: %v", path, err)) // a broken build, not a run-time condition
	}
}

func lookup(l Locale, key string) (message, bool) {
	if m, ok := catalogs[l][key]; ok {
		return m, true
	}
	m, ok := catalogs[English][key]
	return m, ok
}

// Keys lists the flat keys of a locale's catalog, in no order.
func Keys(l Locale) []string {
	keys := make([]string, 0, len(catalogs[l]))
	for key := range catalogs[l] {
		keys = append(keys, key)
	}
	return keys
}
