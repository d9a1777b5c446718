// Package plot draws small charts as SVG: for pages, whose style sheets colour them by class, and as files that stand
// alone. A chart is read by its title and description; its numbers stand in a table beside it.
package plot

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// Chart is points and lines in a plane.
type Chart struct {
	Title, Description string // what it shows, in one line each
	X, Y               Axis
	Series             []Series
	Diagonal           bool // a line where y = x
}

// Axis is one direction. Min and Max are taken from the data where they are equal.
type Axis struct {
	Label    string
	Min, Max float64
}

// Series is what belongs together.
type Series struct {
	Name   string
	Points []Point
	Joined bool // by lines, in the order given
	Plain  bool // without a mark at every point
	Dashed bool
	Colour int // 0 to 3: series of one colour belong together
}

// Point is one value, with its interval in y where it has one.
type Point struct {
	X, Y     float64
	Interval *[2]float64
	Title    string // shown on hovering
}

// The picture, in its own units: small enough that text stays readable on a phone.
const (
	width, height                  = 440.0, 300.0
	left, right, top, bottom       = 52.0, 14.0, 14.0, 46.0
	legendLine, charWidth, ticksOf = 20.0, 8.0, 5
)

// SVG draws the chart for a page.
func (c Chart) SVG() string { return c.draw("") }

// File draws the chart as a file of its own, light or dark as the viewer prefers.
func (c Chart) File() string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + c.draw(fileStyle)
}

const fileStyle = `<style>
svg { background: #fff; color: #1d1f23; font: 12px system-ui, sans-serif }
text { fill: currentColor }
.grid { stroke: #e2ded5 } .diagonal { stroke: #8b877c; stroke-dasharray: 4 4; fill: none }
.line { fill: none; stroke-width: 1.8 } .dashed { stroke-dasharray: 5 4 } .range { stroke-width: 1.2; opacity: 0.55 }
.series-0 { stroke: #1f5fbf; fill: #1f5fbf } .series-1 { stroke: #a33b00; fill: #a33b00 } .series-2 { stroke: #1b6e3c; fill: #1b6e3c } .series-3 { stroke: #8a5a00; fill: #8a5a00 }
.line.line { fill: none }
@media (prefers-color-scheme: dark) {
  svg { background: #16171a; color: #ecebe7 } .grid { stroke: #33363c }
  .series-0 { stroke: #8ab4f8; fill: #8ab4f8 } .series-1 { stroke: #ffb088; fill: #ffb088 } .series-2 { stroke: #7ddba0; fill: #7ddba0 } .series-3 { stroke: #f0c36d; fill: #f0c36d }
}
</style>`

func (c Chart) draw(style string) string {
	p := &pen{top: top}
	p.top += c.legendHeight()
	p.x, p.y = c.bounds()
	p.printf(`<svg class="plot-svg" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" role="img" aria-label="%s">`, width, height,
		escape(strings.TrimSpace(c.Title+". "+c.Description)))
	p.printf(`<title>%s</title>%s`, escape(c.Title), style)
	c.drawFrame(p)
	for _, s := range c.Series {
		s.draw(p)
	}
	c.drawLegend(p)
	p.printf(`</svg>`)
	return p.String()
}

// bounds are the ends of both axes: where not given, those of the data, widened to round numbers.
func (c Chart) bounds() (x, y span) {
	x, y = span{math.Inf(1), math.Inf(-1)}, span{math.Inf(1), math.Inf(-1)}
	for _, s := range c.Series {
		for _, p := range s.Points {
			x.hold(p.X)
			y.hold(p.Y)
			if p.Interval != nil {
				y.hold(p.Interval[0])
				y.hold(p.Interval[1])
			}
		}
	}
	return x.round(c.X), y.round(c.Y)
}

// span is a range of numbers.
type span struct{ low, high float64 }

func (s *span) hold(x float64) {
	if !math.IsNaN(x) && !math.IsInf(x, 0) {
		s.low, s.high = min(s.low, x), max(s.high, x)
	}
}

func (s span) round(a Axis) span {
	if a.Max > a.Min {
		return span{a.Min, a.Max}
	}
	if s.low > s.high { // no data
		return span{0, 1}
	}
	if s.high == s.low {
		s.low, s.high = s.low-0.5, s.high+0.5
	}
	step := tickStep(s)
	return span{math.Floor(s.low/step) * step, math.Ceil(s.high/step) * step}
}

// tickStep is 1, 2 or 5 times a power of ten.
func tickStep(s span) float64 {
	rough := (s.high - s.low) / ticksOf
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= rough*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// ticks are the marked numbers of a span.
func (s span) ticks() []float64 {
	step := tickStep(s)
	var at []float64
	for i := math.Ceil(s.low/step - 1e-9); i*step <= s.high+step*1e-9; i++ {
		at = append(at, i*step)
	}
	return at
}

// pen writes in the chart's own coordinates.
type pen struct {
	strings.Builder
	top  float64
	x, y span
}

func (p *pen) printf(format string, args ...any) { fmt.Fprintf(&p.Builder, format, args...) }

func (p *pen) px(x float64) string {
	return coordinate(left + (x-p.x.low)/(p.x.high-p.x.low)*(width-left-right))
}

func (p *pen) py(y float64) string {
	return coordinate(height - bottom - (y-p.y.low)/(p.y.high-p.y.low)*(height-bottom-p.top))
}

func (c Chart) drawFrame(p *pen) {
	for _, tick := range p.y.ticks() {
		p.printf(`<path class="grid" d="M%g %sH%g"/><text x="%g" y="%s" dy="4" text-anchor="end">%s</text>`, left, p.py(tick), width-right, left-7, p.py(tick), number(tick))
	}
	for _, tick := range p.x.ticks() {
		p.printf(`<path class="grid" d="M%s %gV%g"/><text x="%s" y="%g" text-anchor="middle">%s</text>`, p.px(tick), height-bottom, height-bottom+4, p.px(tick), height-bottom+17, number(tick))
	}
	if c.Diagonal {
		low, high := max(p.x.low, p.y.low), min(p.x.high, p.y.high)
		p.printf(`<path class="diagonal" d="M%s %sL%s %s"/>`, p.px(low), p.py(low), p.px(high), p.py(high))
	}
	p.printf(`<text class="axis" x="%g" y="%g" text-anchor="middle">%s</text>`, (left+width-right)/2, height-8, escape(c.X.Label))
	p.printf(`<text class="axis" transform="translate(13 %g) rotate(-90)" text-anchor="middle">%s</text>`, (p.top+height-bottom)/2, escape(c.Y.Label))
}

// class is what the style sheets know the series by.
func (s Series) class() string { return fmt.Sprintf("series-%d", s.Colour%4) }

func (s Series) lineClass() string {
	if s.Dashed {
		return "line dashed " + s.class()
	}
	return "line " + s.class()
}

func (s Series) draw(p *pen) {
	class := s.class()
	if s.Joined && len(s.Points) > 1 {
		var path strings.Builder
		for j, point := range s.Points {
			fmt.Fprintf(&path, "%s%s %s", map[bool]string{true: "M", false: "L"}[j == 0], p.px(point.X), p.py(point.Y))
		}
		p.printf(`<path class="%s" d="%s"/>`, s.lineClass(), path.String())
	}
	if s.Plain {
		return
	}
	for _, point := range s.Points {
		if point.Interval != nil {
			p.printf(`<path class="range %s" d="M%s %sV%s"/>`, class, p.px(point.X), p.py(point.Interval[0]), p.py(point.Interval[1]))
		}
		p.printf(`<circle class="dot %s" cx="%s" cy="%s" r="3.6"><title>%s</title></circle>`, class, p.px(point.X), p.py(point.Y), escape(point.Title))
	}
}

// legend places the names of several series in lines.
func (c Chart) legend() (at [][2]float64, lines int) {
	if len(c.Series) < 2 {
		return nil, 0
	}
	x, y := left, top+4
	for _, s := range c.Series {
		long := 44.0
		for _, r := range s.Name {
			if long += charWidth; r >= 0x2e80 { // Chinese, Japanese and Korean are wider
				long += charWidth
			}
		}
		if x > left && x+long > width-right {
			x, y = left, y+legendLine
		}
		at = append(at, [2]float64{x, y})
		x += long
	}
	return at, int((y-top-4)/legendLine) + 1
}

func (c Chart) legendHeight() float64 {
	_, lines := c.legend()
	return float64(lines) * legendLine
}

func (c Chart) drawLegend(p *pen) {
	at, _ := c.legend()
	for i, place := range at {
		s := c.Series[i]
		p.printf(`<path class="%s" d="M%g %gH%g"/><text x="%g" y="%g">%s</text>`, s.lineClass(), place[0], place[1]-4, place[0]+20, place[0]+26, place[1], escape(s.Name))
	}
}

// Interval draws a value with its interval on a line from low to high, with a mark where chance lies.
func Interval(value float64, interval [2]float64, from, to, chance float64) string {
	const wide, tall = 140.0, 16.0
	at := func(x float64) string {
		x = min(max(x, from), to)
		return coordinate(6 + (x-from)/(to-from)*(wide-12))
	}
	return fmt.Sprintf(`<svg class="interval" viewBox="0 0 %g %g" aria-hidden="true"><path class="grid" d="M6 8H%g"/><path class="chance" d="M%s 2V14"/><path class="span" d="M%s 8H%s"/><circle class="dot" cx="%s" cy="8" r="4"/></svg>`,
		wide, tall, wide-6, at(chance), at(interval[0]), at(interval[1]), at(value))
}

func coordinate(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }

// number writes a tick: no more digits than it needs.
func number(x float64) string {
	if x == 0 {
		return "0" // and not −0
	}
	return strings.Replace(strconv.FormatFloat(x, 'g', 6, 64), "-", "−", 1)
}

func escape(text string) string { return html.EscapeString(text) }
