package hostile

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// allowed are the elements that a text's HTML may consist of, with the values that their attributes may have.
var allowed = map[string]map[string]*regexp.Regexp{
	"p": block, "h3": block, "h4": block, "h5": block, "h6": block, "li": block, "th": block, "td": block,
	"pre": {"dir": direction, "class": class}, "code": {"dir": direction, "class": class}, "blockquote": {"dir": direction},
	"ul": {"dir": direction, "class": class}, "table": {"dir": direction},
	"ol":    {"dir": direction, "class": class, "start": number},
	"div":   {"class": class, "dir": direction, "tabindex": zero},
	"span":  {"class": class, "dir": direction, "tabindex": zero, "title": regexp.MustCompile(`^U\+[0-9A-F]{4,6}$`)},
	"thead": nil, "tbody": nil, "tr": nil, "br": nil, "hr": nil, "strong": nil, "em": nil, "del": nil,
	"a": {
		"class": class, "rel": regexp.MustCompile(`^noopener noreferrer nofollow$`), "target": regexp.MustCompile(`^_blank$`),
		"href": regexp.MustCompile(`^(https?://[a-z0-9._\[:-][^\s"<>\\]*|mailto:[^\s"<>\\]*)$`),
	},
	"math": {"display": regexp.MustCompile(`^block$`)}, "mrow": {"class": class}, "mi": {"mathvariant": regexp.MustCompile(`^normal$`)},
	"mn": nil, "mtext": nil, "mspace": {"width": length}, "mfrac": {"linethickness": zero}, "msqrt": nil, "mroot": nil, "msub": nil,
	"msup": nil, "msubsup": nil, "munder": nil, "munderover": nil, "mover": {"accent": truth}, "mphantom": nil,
	"mo": {
		"stretchy": truth, "form": regexp.MustCompile(`^(pre|in|post)fix$`), "lspace": length, "rspace": length, "separator": truth,
		"movablelimits": truth, "fence": truth, "symmetric": truth, "minsize": length, "maxsize": length,
	},
	"mstyle": {"displaystyle": truth, "scriptlevel": number},
	"mtable": {"displaystyle": truth}, "mtr": nil, "mtd": {"class": class},
}

var (
	direction = regexp.MustCompile(`^(auto|ltr|rtl)$`)
	class     = regexp.MustCompile(`^((md|code|tex)-[a-z]+ ?)+$`)
	number    = regexp.MustCompile(`^[0-9]{1,9}$`)
	zero      = regexp.MustCompile(`^0$`)
	truth     = regexp.MustCompile(`^(true|false)$`)
	length    = regexp.MustCompile(`^(0|[+-]?[0-3](\.[0-9]{1,4})?em)$`)
	block     = map[string]*regexp.Regexp{"dir": direction, "class": class, "lang": regexp.MustCompile(`^(zh|ja|ko)$`)}
)

// Unknown names what in a text's HTML is not allowed, or that browsers would read it otherwise than it was written; ""
// where all is well.
func Unknown(written string) string {
	nodes, err := html.ParseFragment(strings.NewReader(written), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return err.Error()
	}
	elements := 0
	for _, n := range nodes {
		if found := unknown(n, &elements); found != "" {
			return found
		}
	}
	// An element that was moved, closed or made by the rules of HTML shows that the markup was not well-formed.
	if opened := strings.Count(written, "<") - strings.Count(written, "</"); opened != elements {
		return fmt.Sprintf("%d elements read of %d written", elements, opened)
	}
	return ""
}

func unknown(n *html.Node, elements *int) string {
	switch n.Type {
	case html.TextNode:
	case html.ElementNode:
		*elements++
		attributes, ok := allowed[n.Data]
		if !ok {
			return "<" + n.Data + ">"
		}
		if n.Data == "a" && len(n.Attr) != 4 {
			return "<a> without its attributes"
		}
		for _, a := range n.Attr {
			if pattern := attributes[a.Key]; pattern == nil || a.Namespace != "" || !pattern.MatchString(a.Val) {
				return fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	default:
		return fmt.Sprintf("a node of type %d: %q", n.Type, n.Data)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if found := unknown(child, elements); found != "" {
			return found
		}
	}
	return ""
}
