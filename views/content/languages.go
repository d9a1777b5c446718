package content

import "strings"

// languageNames finds a language by what a block of code may call it.
var languageNames = func() map[string]*language {
	names := map[string]*language{}
	for called, lang := range languages {
		for _, name := range strings.Fields(called) {
			names[name] = lang
		}
	}
	return names
}()

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}

// What many languages share.
var (
	slashes  = []string{"//"}
	hash     = []string{"#"}
	dashes   = []string{"--"}
	stars    = [][2]string{{"/*", "*/"}}
	double   = quote{open: `"`, close: `"`}
	single   = quote{open: "'", close: "'"}
	backtick = quote{open: "`", close: "`", lines: true}
	triple   = quote{open: `"""`, close: `"""`, lines: true}
	triple1  = quote{open: "'''", close: "'''", lines: true}
)

// languages are those that answers are written in most, by the names that a block of code may give them.
var languages = map[string]*language{
	"go golang": {name: "Go", line: slashes, block: stars, quotes: []quote{double, {open: "`", close: "`", lines: true, raw: true}}, chars: true,
		words: words(`break case chan const continue default defer else fallthrough for func go goto if import interface map
			package range return select struct switch type var nil true false iota any bool byte error int int8 int16 int32
			int64 uint uint8 uint16 uint32 uint64 uintptr float32 float64 complex64 complex128 rune string`)},
	"python py python3 py3 pycon ipython": {name: "Python", line: hash, quotes: []quote{triple, triple1, double, single}, types: true, markAt: true,
		words: words(`and as assert async await break case class continue def del elif else except False finally for from global
			if import in is lambda match None nonlocal not or pass raise return True try while with yield self`)},
	"javascript js jsx mjs cjs node typescript ts tsx": {name: "JavaScript", line: slashes, block: stars, quotes: []quote{double, single, backtick}, types: true, markAt: true, sigils: "$",
		words: words(scriptWords)},
	"java": {name: "Java", line: slashes, block: stars, quotes: []quote{triple, double}, chars: true, types: true, markAt: true,
		words: words(`abstract assert boolean break byte case catch char class const continue default do double else enum extends
			final finally float for goto if implements import instanceof int interface long native new null package private
			protected public record return sealed short static strictfp super switch synchronized this throw throws transient
			true false try var void volatile while yield`)},
	"kotlin kt kts": {name: "Kotlin", line: slashes, block: stars, quotes: []quote{triple, double}, chars: true, types: true, markAt: true,
		words: words(`abstract as break by catch class companion constructor continue data do else enum false final finally for fun
			if import in infix init inline interface internal is lateinit null object open operator out override package private
			protected public return sealed super suspend this throw true try typealias val var vararg when where while`)},
	"swift": {name: "Swift", line: slashes, block: stars, quotes: []quote{triple, double}, types: true, markAt: true,
		words: words(`actor as associatedtype async await break case catch class continue default defer deinit do else enum
			extension fallthrough false fileprivate for func guard if import in init inout internal is lazy let mutating nil
			nonisolated open operator override private protocol public repeat rethrows return self Self some static struct
			subscript super switch throw throws true try typealias var weak where while`)},
	"c h cpp c++ cc cxx hpp objc objective-c arduino cuda": {name: "C / C++", line: slashes, block: stars, quotes: []quote{double}, chars: true, types: true, sigils: "#",
		words: words(`alignas alignof auto bool break case catch char class concept const consteval constexpr constinit const_cast
			continue co_await co_return co_yield decltype default delete do double dynamic_cast else enum explicit export extern
			false final float for friend goto if inline int int8_t int16_t int32_t int64_t long mutable namespace new noexcept
			nullptr NULL operator override private protected public register reinterpret_cast requires restrict return short
			signed size_t sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef
			typeid typename uint8_t uint16_t uint32_t uint64_t union unsigned using virtual void volatile wchar_t while`)},
	"csharp cs c#": {name: "C#", line: slashes, block: stars, quotes: []quote{triple, {open: `@"`, close: `"`, lines: true, raw: true}, double}, chars: true, types: true,
		words: words(`abstract as async await base bool break byte case catch char checked class const continue decimal default
			delegate do double else enum event explicit extern false finally fixed float for foreach get goto if implicit in int
			interface internal is lock long namespace new null object operator out override params partial private protected
			public readonly record ref required return sbyte sealed set short sizeof stackalloc static string struct switch this
			throw true try typeof uint ulong unchecked unsafe ushort using var virtual void volatile when where while yield`)},
	"rust rs": {name: "Rust", line: slashes, block: stars, quotes: []quote{{open: `"`, close: `"`, lines: true}}, chars: true, types: true,
		words: words(`as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move
			mut pub ref return self Self static struct super trait true type union unsafe use where while bool char f32 f64 i8
			i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize`)},
	"ruby rb": {name: "Ruby", line: hash, quotes: []quote{double, single}, types: true, sigils: "@$",
		words: words(`alias and begin break case class def defined? do else elsif end ensure false for if in module next nil not or
			private protected public raise redo require require_relative rescue retry return self super then true undef unless
			until when while yield attr_accessor attr_reader attr_writer`)},
	"php": {name: "PHP", line: []string{"//", "#"}, block: stars, quotes: []quote{double, single}, types: true, sigils: "$",
		words: words(`abstract and array as break callable case catch class clone const continue declare default do echo else elseif
			empty enum extends final finally fn for foreach function global goto if implements include instanceof interface isset
			list match namespace new null or private protected public readonly require require_once return static switch throw
			trait true false try unset use var while xor yield int string bool float void mixed`)},
	"perl pl": {name: "Perl", line: hash, quotes: []quote{double, single}, sigils: "$@%",
		words: words(`and cmp continue die do else elsif eq for foreach ge given gt if last le local lt my ne next no not or our
			package print redo require return say shift sub undef unless until use when while xor`)},
	"lua": {name: "Lua", line: dashes, block: [][2]string{{"--[[", "]]"}}, quotes: []quote{{open: "[[", close: "]]", lines: true, raw: true}, double, single},
		words: words(`and break do else elseif end false for function goto if in local nil not or repeat return then true until while`)},
	"r rscript": {name: "R", line: hash, quotes: []quote{double, single},
		words: words(`break else FALSE for function if in Inf NA NaN next NULL repeat return TRUE while library require`)},
	"julia jl": {name: "Julia", line: hash, block: [][2]string{{"#=", "=#"}}, quotes: []quote{triple, double}, chars: true, types: true, markAt: true,
		words: words(`abstract baremodule begin break catch const continue do else elseif end export false finally for function global
			if import in let local macro module mutable nothing primitive quote return struct true try type using where while`)},
	"scala": {name: "Scala", line: slashes, block: stars, quotes: []quote{triple, double}, chars: true, types: true, markAt: true,
		words: words(`abstract case catch class def do else enum extends extension false final finally for forSome given if implicit
			import lazy match new null object override package private protected return sealed super then this throw trait true
			try type using val var while with yield`)},
	"dart": {name: "Dart", line: slashes, block: stars, quotes: []quote{triple, triple1, double, single}, types: true, markAt: true,
		words: words(`abstract as assert async await base bool break case catch class const continue covariant default deferred do
			double dynamic else enum export extends extension external factory false final finally for Function get if implements
			import in int interface is late library mixin new null num on operator part required rethrow return sealed set static
			String super switch sync this throw true try typedef var void when while with yield`)},
	"haskell hs": {name: "Haskell", line: dashes, block: [][2]string{{"{-", "-}"}}, quotes: []quote{double}, chars: true, types: true, noCalls: true,
		words: words(`case class data default deriving do else family forall foreign if import in infix infixl infixr instance let
			module newtype of then type where qualified as hiding`)},
	"ocaml ml fsharp f# fs": {name: "OCaml / F#", line: slashes, block: [][2]string{{"(*", "*)"}}, quotes: []quote{triple, double}, chars: true, types: true,
		words: words(`and as assert begin class constraint do done downto else end exception external false for fun function functor
			if in include inherit initializer lazy let match method module mutable new object of open or private rec sig struct
			then to true try type val virtual when while with yield async use member`)},
	"elixir ex exs": {name: "Elixir", line: hash, quotes: []quote{triple, double, single}, types: true, markAt: true,
		words: words(`after alias and case catch cond def defimpl defmacro defmodule defp defprotocol defstruct do else end false fn
			for if import in nil not or quote raise receive require rescue true try unless unquote use when with`)},
	"clojure clj lisp elisp scheme racket": {name: "Lisp", line: []string{";"}, quotes: []quote{{open: `"`, close: `"`, lines: true}}, dashed: true, noCalls: true, sigils: ":",
		words: words(`def defn defmacro defun defvar define fn lambda let letrec if cond case when unless do begin loop recur for
			nil true false quote set! require ns use import try catch throw`)},
	"sql postgresql postgres mysql sqlite plsql tsql": {name: "SQL", line: dashes, block: stars, quotes: []quote{double, {open: "'", close: "'", lines: true, raw: true}}, anyCase: true,
		words: words(`add all alter and any as asc begin between by cascade case cast check column commit constraint create cross
			current_date current_timestamp database default delete desc distinct drop else end except exists explain false fetch
			for foreign from full function grant group having if ilike in index inner insert intersect into is join key lateral
			left like limit not null offset on or order outer over partition primary references replace returning right rollback
			row rows select set table temporary then trigger true truncate union unique update using values view when where
			window with bigint boolean char date decimal double float int integer jsonb numeric real serial smallint text time
			timestamp timestamptz uuid varchar`)},
	"bash sh shell zsh console terminal shell-session": {name: "Shell", line: hash, spaceAt: true, quotes: []quote{{open: `"`, close: `"`, lines: true}, {open: "'", close: "'", lines: true, raw: true}}, sigils: "$", dashed: true, noCalls: true,
		words: words(`case do done elif else esac export fi for function if in local readonly return select set shift source then trap
			unset until while alias cd echo eval exec exit printf pwd read sudo test apt brew curl docker git grep make mkdir npm
			pip python rm ls cp mv cat sed awk`)},
	"powershell ps1 pwsh": {name: "PowerShell", line: hash, block: [][2]string{{"<#", "#>"}}, quotes: []quote{double, single}, sigils: "$", anyCase: true, dashed: true,
		words: words(`begin break catch class continue data do dynamicparam else elseif end enum exit filter finally for foreach from
			function if in param process return switch throw trap try until using var while`)},
	"bat batch cmd dos": {name: "Batch", line: []string{"REM ", "rem ", "::"}, quotes: []quote{double}, sigils: "%", anyCase: true,
		words: words(`call cd copy del dir do echo else endlocal errorlevel exist exit for goto if in md mkdir not off on pause ren set setlocal start`)},
	"json jsonc json5 jsonl ndjson":           {name: "JSON", line: slashes, block: stars, quotes: []quote{double}, keys: true, words: words(`true false null`)},
	"yaml yml":                                {name: "YAML", line: hash, spaceAt: true, quotes: []quote{double, single}, keys: true, dashed: true, noCalls: true, words: words(`true false null yes no on off`)},
	"toml ini cfg conf properties env dotenv": {name: "TOML / INI", line: []string{"#", ";"}, quotes: []quote{triple, triple1, double, single}, keys: true, dashed: true, words: words(`true false`)},
	"css scss sass less": {name: "CSS", line: slashes, block: stars, quotes: []quote{double, single}, keys: true, dashed: true, markAt: true, sigils: "$",
		words: words(`important inherit initial unset revert none auto`)},
	"html htm xml svg vue svelte xhtml mathml rss": {name: "HTML / XML", scan: scanMarkup},
	"diff patch": {name: "Diff", scan: scanDiff},
	"dockerfile docker": {name: "Dockerfile", line: hash, quotes: []quote{double, single}, sigils: "$", dashed: true, noCalls: true,
		words: words(`FROM RUN CMD LABEL EXPOSE ENV ADD COPY ENTRYPOINT VOLUME USER WORKDIR ARG ONBUILD STOPSIGNAL HEALTHCHECK SHELL AS`)},
	"makefile make": {name: "Makefile", line: hash, quotes: []quote{double, single}, sigils: "$", dashed: true, keys: true, noCalls: true,
		words: words(`ifeq ifneq ifdef ifndef else endif include define endef export override`)},
	"latex tex": {name: "LaTeX", line: []string{"%"}, sigils: `\`, noCalls: true, words: words(``)},
	"matlab octave": {name: "MATLAB", line: []string{"%"}, quotes: []quote{double}, noCalls: false,
		words: words(`break case catch classdef continue else elseif end for function global if methods otherwise parfor persistent
			properties return switch try while true false`)},
	"zig":                     {name: "Zig", line: slashes, quotes: []quote{double}, chars: true, types: true, markAt: true, words: words(`align and anytype asm break catch comptime const continue defer else enum errdefer error export extern false fn for if inline null opaque or orelse packed pub return struct switch test threadlocal true try undefined union unreachable usingnamespace var void volatile while bool u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64`)},
	"graphql gql":             {name: "GraphQL", line: hash, quotes: []quote{triple, double}, types: true, keys: true, sigils: "$", markAt: true, words: words(`query mutation subscription fragment on type input enum interface union scalar schema extend implements directive true false null`)},
	"protobuf proto":          {name: "Protocol Buffers", line: slashes, block: stars, quotes: []quote{double, single}, types: true, words: words(`syntax package import option message enum service rpc returns repeated optional required oneof map reserved stream bool string bytes int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 float double true false`)},
	"terraform hcl tf":        {name: "HCL", line: []string{"#", "//"}, block: stars, quotes: []quote{double}, keys: true, dashed: true, words: words(`resource variable output module provider data locals terraform true false null for in if`)},
	"solidity sol":            {name: "Solidity", line: slashes, block: stars, quotes: []quote{double, single}, types: true, words: words(`abstract address bool break bytes bytes32 calldata constant constructor continue contract delete do else emit enum event external false fallback for function if immutable import indexed inherit int interface internal is library mapping memory modifier new override payable pragma private public pure receive require return returns revert storage string struct this true try uint uint256 unchecked using view virtual while`)},
	"nasm asm assembly x86":   {name: "Assembly", line: []string{";", "#"}, quotes: []quote{double, single}, sigils: "%", anyCase: true, noCalls: true, words: words(`mov lea add sub mul imul div idiv inc dec and or xor not neg shl shr sar rol ror cmp test jmp je jne jz jnz jg jge jl jle ja jae jb jbe call ret push pop nop int syscall section global extern db dw dd dq resb resw resd resq equ`)},
	"vb vbnet vba basic":      {name: "Basic", line: []string{"'"}, quotes: []quote{double}, anyCase: true, words: words(`and as boolean byref byval case class const dim do double each else elseif end exit false for function get if imports in inherits integer is let long loop me module mod new next not nothing on or private property public return select set single static step string sub then to true until wend while with xor`)},
	"gdscript gd":             {name: "GDScript", line: hash, quotes: []quote{triple, double, single}, types: true, markAt: true, sigils: "$", words: words(`and as assert await break class class_name const continue elif else enum export extends false for func if in is match not null onready or pass return self setget signal static super true var void while yield`)},
	"erlang erl":              {name: "Erlang", line: []string{"%"}, quotes: []quote{double, single}, types: true, words: words(`after and andalso band begin bor case catch cond div end fun if let not of or orelse receive rem try when xor`)},
	"groovy gradle":           {name: "Groovy", line: slashes, block: stars, quotes: []quote{triple, triple1, double, single}, types: true, markAt: true, words: words(`abstract as assert boolean break case catch class continue def default do else enum extends false final finally for if implements import in instanceof int interface new null package private protected public return static super switch this throw trait true try void while`)},
	"nginx apache apacheconf": {name: "Configuration", line: hash, quotes: []quote{double, single}, sigils: "$", dashed: true, noCalls: true, words: words(`server location listen server_name root index proxy_pass upstream return rewrite if include events http on off`)},
}

const scriptWords = `abstract any as async await boolean break case catch class const constructor continue debugger declare default
	delete do else enum export extends false finally for from function get if implements import in infer instanceof interface
	keyof let namespace never new null number object of private protected public readonly return satisfies set static string
	super switch symbol this throw true try type typeof undefined unknown var void while with yield`
