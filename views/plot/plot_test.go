package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// elements reads an SVG and counts its elements by name; text that breaks the markup fails.
func elements(t testing.TB, svg string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return counts
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if start, ok := token.(xml.StartElement); ok {
			counts[start.Name.Local]++
		}
	}
}

func TestChart(t *testing.T) {
	chart := Chart{
		Title: `a < b & "c"`, X: Axis{Label: "√KL"}, Y: Axis{Label: "score", Min: 0, Max: 1}, Diagonal: true,
		Series: []Series{
			{Name: "proxy", Joined: true, Points: []Point{{X: 0, Y: 0.2, Title: "start"}, {X: 1.5, Y: 0.8, Interval: &[2]float64{0.7, 0.9}}}},
			{Name: "gold", Colour: 1, Dashed: true, Points: []Point{{X: 1, Y: 0.5}}},
		},
	}
	for name, svg := range map[string]string{"page": chart.SVG(), "file": chart.File()} {
		counts := elements(t, svg)
		if counts["circle"] != 3 {
			t.Errorf("%s: %d circles", name, counts["circle"])
		}
		for _, want := range []string{"√KL", "proxy", "gold", `class="line series-0"`, `class="line dashed series-1"`, `class="range series-0"`, `class="diagonal"`, "a &lt; b &amp; "} {
			if !strings.Contains(svg, want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
		if strings.Contains(svg, "style=") {
			t.Errorf("%s has an inline style, which a page's policy forbids", name)
		}
	}
	if strings.Contains(chart.SVG(), "<style") {
		t.Error("a page's chart brings a style of its own")
	}
}

// TestPointsStayInside: whatever the numbers, every point lies within the frame, and ticks are few and in order.
func TestPointsStayInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Series
		number := rapid.Float64Range(-1e6, 1e6)
		for range rapid.IntRange(0, 6).Draw(t, "points") {
			s.Points = append(s.Points, Point{X: number.Draw(t, "x"), Y: number.Draw(t, "y")})
		}
		chart := Chart{Series: []Series{s}}
		p := &pen{top: top}
		p.x, p.y = chart.bounds()
		for _, point := range s.Points {
			if point.X < p.x.low || point.X > p.x.high || point.Y < p.y.low || point.Y > p.y.high {
				t.Fatalf("%+v is outside %v, %v", point, p.x, p.y)
			}
		}
		for _, axis := range []span{p.x, p.y} {
			ticks := axis.ticks()
			if len(ticks) < 2 || len(ticks) > 12 {
				t.Fatalf("%v has the ticks %v", axis, ticks)
			}
		}
		if svg := chart.SVG(); strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Fatal(svg)
		}
	})
}

func TestIntervalIsClipped(t *testing.T) {
	svg := Interval(0.7, [2]float64{0.2, math.Inf(1)}, 0.4, 1, 0.5)
	if elements(t, svg)["circle"] != 1 || strings.Contains(svg, "Inf") || !strings.Contains(svg, "M6 8H134") {
		t.Error(svg)
	}
}
