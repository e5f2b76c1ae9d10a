;; Quoted text may contain nothing at all: that is the empty module, which the
;; text parser by itself takes for a missing one.
(module quote "")
(module quote ";; nothing" "(; nothing ;)")
(assert_malformed (module quote "(") "unexpected end")
