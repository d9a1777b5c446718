package views

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views/plot"
)

// HistogramsData are how values were spread at one step of a run, beside the first one.
type HistogramsData struct {
	Steps      []int                        // that have histograms; without any there is nothing to show
	Step       int                          // the one that is shown
	Now, First map[string]ranking.Histogram // by metric; First is nil where Step is the first
}

// hasHistograms reports whether runs of a kind count any.
func hasHistograms(kind string) bool { return kind == "ppo" || kind == "reward" || kind == "dpo" }

// names are the metrics in order.
func (d HistogramsData) names() []string { return slices.Sorted(maps.Keys(d.Now)) }

// chart draws a metric's histogram over that of the first step.
func (d HistogramsData) chart(ctx context.Context, name string) plot.Chart {
	now := d.Now[name]
	chart := plot.Chart{
		Title:       i18n.T(ctx, histogramKey(name)),
		Description: i18n.T(ctx, "histograms.description", i18n.Number(now.Values()), figures(now.Low), figures(now.High)),
		X:           plot.Axis{Label: histogramUnit(ctx, name)}, Y: plot.Axis{Label: i18n.T(ctx, "histograms.density")},
	}
	if first, ok := d.First[name]; ok {
		chart.Series = append(chart.Series, plot.Series{
			Name: i18n.T(ctx, "histograms.at_step", i18n.Number(d.Steps[0])), Points: outline(first), Joined: true, Plain: true, Dashed: true, Colour: 1,
		})
	}
	chart.Series = append(chart.Series, plot.Series{
		Name: i18n.T(ctx, "histograms.at_step", i18n.Number(d.Step)), Points: outline(now), Joined: true, Plain: true,
	})
	return chart
}

// outline goes around the bars of a histogram.
func outline(h ranking.Histogram) []plot.Point {
	points := []plot.Point{{X: h.Edge(0)}}
	for i := range h.Counts {
		points = append(points, plot.Point{X: h.Edge(i), Y: h.Density(i)}, plot.Point{X: h.Edge(i + 1), Y: h.Density(i)})
	}
	return append(points, plot.Point{X: h.Edge(len(h.Counts))})
}

// histogramKey is the name of a metric's values in the catalog.
func histogramKey(name string) string {
	return "histograms." + strings.NewReplacer("/", "_").Replace(name)
}

// histogramUnit is what the values are counted in.
func histogramUnit(ctx context.Context, name string) string {
	return i18n.T(ctx, fmt.Sprintf("%s_unit", histogramKey(name)))
}
