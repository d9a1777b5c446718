package content

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// addressBytesMax is the longest address that can be followed; and how much of one is shown.
const (
	addressBytesMax      = 2000
	addressShownBytesMax = 120
)

// address is what a link leads to, as it may stand in an attribute and as it is shown. It is "" where the link may not
// be followed: for schemes other than http, https and mailto, relative addresses, names and passwords before a host, and
// whatever does not parse. Hosts are written as the network knows them, so that "аpple.com" with a Cyrillic letter shows
// itself as xn--pple-43d.com.
func address(destination string) string {
	written := unescape(destination)
	if len(written) > addressBytesMax || strings.ContainsFunc(written, func(r rune) bool { return r <= ' ' || r == '\\' || mayHide(r) }) {
		return ""
	}
	parsed, err := url.Parse(written)
	if err != nil || parsed.User != nil {
		return ""
	}
	switch parsed.Scheme {
	case "mailto":
		if parsed.Opaque == "" || !strings.Contains(parsed.Opaque, "@") {
			return ""
		}
		return "mailto:" + (&url.URL{Path: unescaped(parsed.Opaque)}).EscapedPath()
	case "http", "https":
		host, err := idna.Lookup.ToASCII(parsed.Hostname())
		if err != nil || host == "" || parsed.Opaque != "" {
			return ""
		}
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		if port := parsed.Port(); port != "" {
			host += ":" + port
		}
		parsed.Host = host
		return parsed.String()
	}
	return ""
}

func unescaped(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// link writes a link: what is written as its text, and where it leads beside it unless that is what the text says.
func (l *layout) link(destination, label string, text func()) {
	l.formatted()
	target := address(destination)
	if target == "" {
		l.raw(`<span class="md-dead">`)
		text()
		l.raw(`</span>`)
		if shown := unescape(destination); shown != "" && shown != label {
			l.address(shown)
		}
		return
	}
	l.raw(`<a class="md-link" rel="noopener noreferrer nofollow" target="_blank" href="`)
	l.attribute(target)
	l.raw(`">`)
	text()
	l.raw(`</a>`)
	if label != target && label != strings.TrimSuffix(target, "/") && "mailto:"+label != target {
		l.address(target)
	}
}

// address shows where a link or image leads, the middle of it left out where it is long.
func (l *layout) address(shown string) {
	if len(shown) > addressShownBytesMax {
		shown = strings.ToValidUTF8(shown[:addressShownBytesMax*2/3], "") + "…" + strings.ToValidUTF8(shown[len(shown)-addressShownBytesMax/4:], "")
	}
	l.raw(` <span class="md-url" dir="ltr">`)
	l.text(shown)
	l.raw(`</span>`)
}

// attribute writes text into a quoted attribute.
func (w *writer) attribute(s string) {
	w.raw(attributeEscapes.Replace(s))
}

var attributeEscapes = strings.NewReplacer("&", "&amp;", `"`, "&#34;", "'", "&#39;", "<", "&lt;", ">", "&gt;", "`", "&#96;")
