package handlers

import (
	"net/http"
	"time"
	_ "time/tzdata" // the program knows every zone by itself, wherever it runs

	"rankloop/ranking"
)

// ZoneCookie names the time zone of a browser, as its script says it: days begin and end there. Until it has come, they
// are days in UTC.
const ZoneCookie = "rankloop_zone"

// zoneOf is the time zone of the browser that made a request.
func zoneOf(r *http.Request) *time.Location {
	cookie, err := r.Cookie(ZoneCookie)
	if err != nil {
		return time.UTC
	}
	zone, err := zoneNamed(cookie.Value)
	if err != nil {
		return time.UTC
	}
	return zone
}

// zoneNamed is a time zone by its name in the IANA database, "Europe/Berlin".
func zoneNamed(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" || len(name) > 64 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "there is no time zone %q", truncate(name, 64))
	}
	return zone, nil
}

// today is when the day of whoever made a request began.
func today(r *http.Request) time.Time {
	now := time.Now().In(zoneOf(r))
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
}
