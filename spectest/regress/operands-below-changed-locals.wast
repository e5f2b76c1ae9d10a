;; Operands that are locals, many of them, below changes of these locals: each has the value that the local had when it
;; was pushed, however deep it lies.

(module
  (func (export "of-40") (param i32 i32 i32) (result i32)
    (local.tee 1 (i32.add (local.get 1) (i32.const 1))) local.get 1 (i32.add (local.get 1) (local.get 1))
    (local.tee 1 (i32.add (local.get 1) (i32.const 1))) local.get 2 local.get 2 local.get 1 local.get 0
    (i32.add (local.get 1) (local.get 2))
    (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 31)) (i32.const 924))) local.get 1 local.get 2
    local.get 2 local.get 1 (i32.add (local.get 0) (local.get 1)) i32.const 324
    (i32.add (local.get 2) (local.get 0)) (i32.add (local.get 1) (local.get 1))
    (local.tee 2 (i32.add (local.get 1) (i32.const 1))) local.get 2 local.get 0
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 728)))
    (local.tee 2 (i32.add (local.get 2) (i32.const 1))) local.get 2 i32.const 848
    (local.tee 1 (i32.add (local.get 0) (i32.const 1)))
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 721)))
    (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.add (local.get 0) (local.get 0))
    (local.tee 0 (i32.add (local.get 2) (i32.const 1))) i32.const 94 local.get 1
    (i32.add (local.get 1) (local.get 0)) local.get 2 local.get 2 local.get 2 local.get 2 local.get 2
    (i32.add (local.get 2) (local.get 1)) i32.const 94 i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub)
  (func (export "of-250") (param i32 i32 i32) (result i32)
    local.get 2 (local.tee 0 (i32.add (local.get 1) (i32.const 1))) local.get 1
    (local.tee 1 (i32.add (local.get 1) (i32.const 1)))
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 808))) local.get 0 i32.const 30
    (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.add (local.get 0) (local.get 2)) i32.const 273
    (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 606))) local.get 1 local.get 0
    local.get 2 (i32.add (local.get 0) (local.get 1))
    (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 993))) i32.const 744 local.get 2
    local.get 1 i32.const 567 local.get 1 local.get 2 local.get 1 local.get 0 i32.const 858
    (i32.add (local.get 2) (local.get 0)) local.get 2
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 124)))
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 918)))
    (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 31)) (i32.const 513))) i32.const 520
    (local.tee 2 (i32.add (local.get 0) (i32.const 1))) local.get 1 (i32.add (local.get 1) (local.get 2))
    i32.const 604 (local.tee 0 (i32.add (local.get 1) (i32.const 1))) local.get 2
    (local.tee 1 (i32.add (local.get 1) (i32.const 1)))
    (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 376)))
    (i32.add (local.get 2) (local.get 2))
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 89))) i32.const 680
    (i32.add (local.get 0) (local.get 0)) (i32.add (local.get 1) (local.get 1)) i32.const 751 local.get 1
    local.get 1 (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 31)) (i32.const 608)))
    (i32.add (local.get 1) (local.get 2)) local.get 0 (i32.add (local.get 0) (local.get 0))
    (local.tee 0 (i32.add (local.get 2) (i32.const 1))) (local.tee 2 (i32.add (local.get 0) (i32.const 1)))
    i32.const 527 local.get 2 local.get 1 local.get 2 (i32.add (local.get 2) (local.get 2)) local.get 1
    (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (local.tee 0 (i32.add (local.get 2) (i32.const 1)))
    (local.tee 2 (i32.add (local.get 0) (i32.const 1))) i32.const 973 local.get 1
    (local.tee 1 (i32.add (local.get 2) (i32.const 1))) (i32.add (local.get 0) (local.get 2)) i32.const 497
    (local.tee 1 (i32.add (local.get 1) (i32.const 1))) local.get 0 (i32.add (local.get 2) (local.get 2))
    (local.tee 2 (i32.add (local.get 1) (i32.const 1))) i32.const 615 local.get 0
    (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 564)))
    (i32.add (local.get 0) (local.get 0)) (local.tee 2 (i32.add (local.get 1) (i32.const 1))) local.get 2
    local.get 0 (local.tee 0 (i32.add (local.get 1) (i32.const 1))) local.get 1 local.get 1 local.get 2 local.get 1
    local.get 0 local.get 0 local.get 2 local.get 2 local.get 2
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 466)))
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 509))) i32.const 117 local.get 1
    i32.const 352 i32.const 816 local.get 1 local.get 1
    (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 31)) (i32.const 215)))
    (i32.add (local.get 1) (local.get 0)) local.get 0 i32.const 150 local.get 2 local.get 1
    (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 31)) (i32.const 695))) i32.const 558
    (local.tee 0 (i32.add (local.get 2) (i32.const 1))) (local.tee 2 (i32.add (local.get 2) (i32.const 1)))
    i32.const 229 (i32.add (local.get 2) (local.get 0)) i32.const 692 (i32.add (local.get 1) (local.get 2))
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 61)))
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 129))) local.get 0 local.get 0
    (local.tee 0 (i32.add (local.get 1) (i32.const 1))) local.get 2 local.get 1
    (i32.add (local.get 1) (local.get 0)) local.get 2 (local.tee 0 (i32.add (local.get 2) (i32.const 1)))
    (local.tee 0 (i32.add (local.get 2) (i32.const 1))) i32.const 176
    (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (i32.add (local.get 0) (local.get 1)) local.get 1
    local.get 0 (i32.add (local.get 2) (local.get 1)) (i32.add (local.get 0) (local.get 1)) local.get 2
    i32.const 304 (i32.add (local.get 1) (local.get 0)) local.get 2
    (local.tee 1 (i32.add (local.get 1) (i32.const 1))) local.get 0 local.get 1
    (local.tee 2 (i32.add (local.get 0) (i32.const 1))) local.get 1 local.get 1
    (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 858))) i32.const 955
    (i32.add (local.get 1) (local.get 2)) (i32.add (local.get 1) (local.get 2)) local.get 0
    (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 87))) local.get 0 local.get 2
    local.get 1 (local.tee 1 (i32.add (local.get 2) (i32.const 1))) (i32.add (local.get 1) (local.get 1))
    local.get 1 local.get 1 local.get 2 (local.tee 2 (i32.add (local.get 1) (i32.const 1))) local.get 2
    (i32.add (local.get 0) (local.get 1)) local.get 1 local.get 1
    (local.tee 0 (i32.add (local.get 0) (i32.const 1))) local.get 0 (i32.add (local.get 2) (local.get 1))
    local.get 2 (i32.add (local.get 0) (local.get 2)) local.get 1 local.get 1 (i32.add (local.get 2) (local.get 0))
    i32.const 919 local.get 0 (local.tee 0 (i32.add (local.get 1) (i32.const 1))) local.get 2
    (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 94))) i32.const 118
    (local.tee 0 (i32.add (local.get 0) (i32.const 1))) local.get 2 i32.const 166 local.get 1 local.get 2
    local.get 0 (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 446))) i32.const 826
    (i32.add (local.get 1) (local.get 2)) local.get 2 i32.const 323 local.get 0
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 41))) local.get 0
    (local.tee 1 (i32.add (local.get 2) (i32.const 1))) (i32.add (local.get 1) (local.get 1)) i32.const 321
    i32.const 65 local.get 1 (i32.add (local.get 1) (local.get 0)) local.get 0
    (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (local.tee 2 (i32.add (local.get 1) (i32.const 1)))
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 266))) local.get 2 local.get 1
    local.get 0 local.get 0 (local.tee 1 (i32.add (local.get 0) (i32.const 1)))
    (local.tee 1 (i32.add (local.get 0) (i32.const 1)))
    (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 31)) (i32.const 659))) local.get 0 i32.const 990
    local.get 0 local.get 0 local.get 2 local.get 0 local.get 0 (i32.add (local.get 2) (local.get 2))
    (local.tee 2 (i32.add (local.get 0) (i32.const 1))) local.get 0 local.get 0 i32.const 75 local.get 2
    (local.tee 0 (i32.add (local.get 2) (i32.const 1))) local.get 0
    (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 298)))
    (local.tee 1 (i32.add (local.get 1) (i32.const 1))) i32.const 884
    (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.add (local.get 1) (local.get 0))
    (i32.add (local.get 2) (local.get 0)) local.get 0 local.get 1 local.get 0
    (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 31)) (i32.const 855)))
    (i32.add (local.get 1) (local.get 0)) local.get 0 (i32.add (local.get 2) (local.get 0))
    (local.tee 1 (i32.add (local.get 2) (i32.const 1))) (local.tee 2 (i32.add (local.get 2) (i32.const 1)))
    (local.tee 2 (i32.add (local.get 2) (i32.const 1))) local.get 0 local.get 1
    (i32.add (local.get 0) (local.get 0))
    (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 31)) (i32.const 254))) local.get 0
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 828))) i32.const 563 local.get 2
    i32.const 872 (i32.add (local.get 1) (local.get 0)) i32.const 857 local.get 0 local.get 1 local.get 2
    i32.const 585 local.get 0 (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (i32.const 594)))
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub)
  (func (export "one-by-one") (param i32) (result i32) (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (local.set 1 (i32.add (local.get 0) (i32.const 0))) (local.set 2 (i32.add (local.get 0) (i32.const 1)))
    (local.set 3 (i32.add (local.get 0) (i32.const 4))) (local.set 4 (i32.add (local.get 0) (i32.const 9)))
    (local.set 5 (i32.add (local.get 0) (i32.const 16))) (local.set 6 (i32.add (local.get 0) (i32.const 25)))
    (local.set 7 (i32.add (local.get 0) (i32.const 36))) (local.set 8 (i32.add (local.get 0) (i32.const 49)))
    (local.set 9 (i32.add (local.get 0) (i32.const 64))) (local.set 10 (i32.add (local.get 0) (i32.const 81)))
    (local.set 11 (i32.add (local.get 0) (i32.const 100))) (local.set 12 (i32.add (local.get 0) (i32.const 121)))
    (local.set 13 (i32.add (local.get 0) (i32.const 144))) (local.set 14 (i32.add (local.get 0) (i32.const 169)))
    (local.set 15 (i32.add (local.get 0) (i32.const 196))) (local.set 16 (i32.add (local.get 0) (i32.const 225)))
    (local.set 17 (i32.add (local.get 0) (i32.const 256))) (local.set 18 (i32.add (local.get 0) (i32.const 289)))
    (local.set 19 (i32.add (local.get 0) (i32.const 324))) (local.set 20 (i32.add (local.get 0) (i32.const 361)))
    (local.set 21 (i32.add (local.get 0) (i32.const 400))) (local.set 22 (i32.add (local.get 0) (i32.const 441)))
    (local.set 23 (i32.add (local.get 0) (i32.const 484))) (local.set 24 (i32.add (local.get 0) (i32.const 529)))
    (local.set 25 (i32.add (local.get 0) (i32.const 576))) (local.set 26 (i32.add (local.get 0) (i32.const 625)))
    (local.set 27 (i32.add (local.get 0) (i32.const 676))) (local.set 28 (i32.add (local.get 0) (i32.const 729)))
    (local.set 29 (i32.add (local.get 0) (i32.const 784))) (local.set 30 (i32.add (local.get 0) (i32.const 841)))
    (local.set 31 (i32.add (local.get 0) (i32.const 900))) (local.set 32 (i32.add (local.get 0) (i32.const 961)))
    (local.set 33 (i32.add (local.get 0) (i32.const 1024))) (local.set 34 (i32.add (local.get 0) (i32.const 1089)))
    (local.set 35 (i32.add (local.get 0) (i32.const 1156))) (local.set 36 (i32.add (local.get 0) (i32.const 1225)))
    (local.set 37 (i32.add (local.get 0) (i32.const 1296))) (local.set 38 (i32.add (local.get 0) (i32.const 1369)))
    (local.set 39 (i32.add (local.get 0) (i32.const 1444))) (local.set 40 (i32.add (local.get 0) (i32.const 1521)))
    (local.set 41 (i32.add (local.get 0) (i32.const 1600))) (local.set 42 (i32.add (local.get 0) (i32.const 1681)))
    (local.set 43 (i32.add (local.get 0) (i32.const 1764))) (local.set 44 (i32.add (local.get 0) (i32.const 1849)))
    (local.set 45 (i32.add (local.get 0) (i32.const 1936))) (local.set 46 (i32.add (local.get 0) (i32.const 2025)))
    (local.set 47 (i32.add (local.get 0) (i32.const 2116))) (local.set 48 (i32.add (local.get 0) (i32.const 2209)))
    (local.set 49 (i32.add (local.get 0) (i32.const 2304))) (local.set 50 (i32.add (local.get 0) (i32.const 2401)))
    (local.set 51 (i32.add (local.get 0) (i32.const 2500))) (local.set 52 (i32.add (local.get 0) (i32.const 2601)))
    (local.set 53 (i32.add (local.get 0) (i32.const 2704))) (local.set 54 (i32.add (local.get 0) (i32.const 2809)))
    (local.set 55 (i32.add (local.get 0) (i32.const 2916))) (local.set 56 (i32.add (local.get 0) (i32.const 3025)))
    (local.set 57 (i32.add (local.get 0) (i32.const 3136))) (local.set 58 (i32.add (local.get 0) (i32.const 3249)))
    (local.set 59 (i32.add (local.get 0) (i32.const 3364))) (local.set 60 (i32.add (local.get 0) (i32.const 3481)))
    (local.set 61 (i32.add (local.get 0) (i32.const 3600))) (local.set 62 (i32.add (local.get 0) (i32.const 3721)))
    (local.set 63 (i32.add (local.get 0) (i32.const 3844))) (local.set 64 (i32.add (local.get 0) (i32.const 3969)))
    (local.set 65 (i32.add (local.get 0) (i32.const 4096))) (local.set 66 (i32.add (local.get 0) (i32.const 4225)))
    (local.set 67 (i32.add (local.get 0) (i32.const 4356))) (local.set 68 (i32.add (local.get 0) (i32.const 4489)))
    (local.set 69 (i32.add (local.get 0) (i32.const 4624))) (local.set 70 (i32.add (local.get 0) (i32.const 4761)))
    (local.set 71 (i32.add (local.get 0) (i32.const 4900))) (local.set 72 (i32.add (local.get 0) (i32.const 5041)))
    (local.set 73 (i32.add (local.get 0) (i32.const 5184))) (local.set 74 (i32.add (local.get 0) (i32.const 5329)))
    (local.set 75 (i32.add (local.get 0) (i32.const 5476))) (local.set 76 (i32.add (local.get 0) (i32.const 5625)))
    (local.set 77 (i32.add (local.get 0) (i32.const 5776))) (local.set 78 (i32.add (local.get 0) (i32.const 5929)))
    (local.set 79 (i32.add (local.get 0) (i32.const 6084))) (local.set 80 (i32.add (local.get 0) (i32.const 6241)))
    (local.set 81 (i32.add (local.get 0) (i32.const 6400))) (local.set 82 (i32.add (local.get 0) (i32.const 6561)))
    (local.set 83 (i32.add (local.get 0) (i32.const 6724))) (local.set 84 (i32.add (local.get 0) (i32.const 6889)))
    (local.set 85 (i32.add (local.get 0) (i32.const 7056))) (local.set 86 (i32.add (local.get 0) (i32.const 7225)))
    (local.set 87 (i32.add (local.get 0) (i32.const 7396))) (local.set 88 (i32.add (local.get 0) (i32.const 7569)))
    (local.set 89 (i32.add (local.get 0) (i32.const 7744))) (local.set 90 (i32.add (local.get 0) (i32.const 7921)))
    (local.set 91 (i32.add (local.get 0) (i32.const 8100))) (local.set 92 (i32.add (local.get 0) (i32.const 8281)))
    (local.set 93 (i32.add (local.get 0) (i32.const 8464))) (local.set 94 (i32.add (local.get 0) (i32.const 8649)))
    (local.set 95 (i32.add (local.get 0) (i32.const 8836))) (local.set 96 (i32.add (local.get 0) (i32.const 9025)))
    (local.set 97 (i32.add (local.get 0) (i32.const 9216))) (local.set 98 (i32.add (local.get 0) (i32.const 9409)))
    (local.set 99 (i32.add (local.get 0) (i32.const 9604))) (local.set 100 (i32.add (local.get 0) (i32.const 9801)))
    (local.set 101 (i32.add (local.get 0) (i32.const 10000)))
    (local.set 102 (i32.add (local.get 0) (i32.const 10201)))
    (local.set 103 (i32.add (local.get 0) (i32.const 10404)))
    (local.set 104 (i32.add (local.get 0) (i32.const 10609)))
    (local.set 105 (i32.add (local.get 0) (i32.const 10816)))
    (local.set 106 (i32.add (local.get 0) (i32.const 11025)))
    (local.set 107 (i32.add (local.get 0) (i32.const 11236)))
    (local.set 108 (i32.add (local.get 0) (i32.const 11449)))
    (local.set 109 (i32.add (local.get 0) (i32.const 11664)))
    (local.set 110 (i32.add (local.get 0) (i32.const 11881)))
    (local.set 111 (i32.add (local.get 0) (i32.const 12100)))
    (local.set 112 (i32.add (local.get 0) (i32.const 12321)))
    (local.set 113 (i32.add (local.get 0) (i32.const 12544)))
    (local.set 114 (i32.add (local.get 0) (i32.const 12769)))
    (local.set 115 (i32.add (local.get 0) (i32.const 12996)))
    (local.set 116 (i32.add (local.get 0) (i32.const 13225)))
    (local.set 117 (i32.add (local.get 0) (i32.const 13456)))
    (local.set 118 (i32.add (local.get 0) (i32.const 13689)))
    (local.set 119 (i32.add (local.get 0) (i32.const 13924)))
    (local.set 120 (i32.add (local.get 0) (i32.const 14161)))
    (local.set 121 (i32.add (local.get 0) (i32.const 14400)))
    (local.set 122 (i32.add (local.get 0) (i32.const 14641)))
    (local.set 123 (i32.add (local.get 0) (i32.const 14884)))
    (local.set 124 (i32.add (local.get 0) (i32.const 15129)))
    (local.set 125 (i32.add (local.get 0) (i32.const 15376)))
    (local.set 126 (i32.add (local.get 0) (i32.const 15625)))
    (local.set 127 (i32.add (local.get 0) (i32.const 15876)))
    (local.set 128 (i32.add (local.get 0) (i32.const 16129)))
    (local.set 129 (i32.add (local.get 0) (i32.const 16384)))
    (local.set 130 (i32.add (local.get 0) (i32.const 16641)))
    (local.set 131 (i32.add (local.get 0) (i32.const 16900)))
    (local.set 132 (i32.add (local.get 0) (i32.const 17161)))
    (local.set 133 (i32.add (local.get 0) (i32.const 17424)))
    (local.set 134 (i32.add (local.get 0) (i32.const 17689)))
    (local.set 135 (i32.add (local.get 0) (i32.const 17956)))
    (local.set 136 (i32.add (local.get 0) (i32.const 18225)))
    (local.set 137 (i32.add (local.get 0) (i32.const 18496)))
    (local.set 138 (i32.add (local.get 0) (i32.const 18769)))
    (local.set 139 (i32.add (local.get 0) (i32.const 19044)))
    (local.set 140 (i32.add (local.get 0) (i32.const 19321)))
    (local.set 141 (i32.add (local.get 0) (i32.const 19600)))
    (local.set 142 (i32.add (local.get 0) (i32.const 19881)))
    (local.set 143 (i32.add (local.get 0) (i32.const 20164)))
    (local.set 144 (i32.add (local.get 0) (i32.const 20449)))
    (local.set 145 (i32.add (local.get 0) (i32.const 20736)))
    (local.set 146 (i32.add (local.get 0) (i32.const 21025)))
    (local.set 147 (i32.add (local.get 0) (i32.const 21316)))
    (local.set 148 (i32.add (local.get 0) (i32.const 21609)))
    (local.set 149 (i32.add (local.get 0) (i32.const 21904)))
    (local.set 150 (i32.add (local.get 0) (i32.const 22201))) local.get 1 local.get 2 local.get 3 local.get 4
    local.get 5 local.get 6 local.get 7 local.get 8 local.get 9 local.get 10 local.get 11 local.get 12 local.get 13
    local.get 14 local.get 15 local.get 16 local.get 17 local.get 18 local.get 19 local.get 20 local.get 21
    local.get 22 local.get 23 local.get 24 local.get 25 local.get 26 local.get 27 local.get 28 local.get 29
    local.get 30 local.get 31 local.get 32 local.get 33 local.get 34 local.get 35 local.get 36 local.get 37
    local.get 38 local.get 39 local.get 40 local.get 41 local.get 42 local.get 43 local.get 44 local.get 45
    local.get 46 local.get 47 local.get 48 local.get 49 local.get 50 local.get 51 local.get 52 local.get 53
    local.get 54 local.get 55 local.get 56 local.get 57 local.get 58 local.get 59 local.get 60 local.get 61
    local.get 62 local.get 63 local.get 64 local.get 65 local.get 66 local.get 67 local.get 68 local.get 69
    local.get 70 local.get 71 local.get 72 local.get 73 local.get 74 local.get 75 local.get 76 local.get 77
    local.get 78 local.get 79 local.get 80 local.get 81 local.get 82 local.get 83 local.get 84 local.get 85
    local.get 86 local.get 87 local.get 88 local.get 89 local.get 90 local.get 91 local.get 92 local.get 93
    local.get 94 local.get 95 local.get 96 local.get 97 local.get 98 local.get 99 local.get 100 local.get 101
    local.get 102 local.get 103 local.get 104 local.get 105 local.get 106 local.get 107 local.get 108 local.get 109
    local.get 110 local.get 111 local.get 112 local.get 113 local.get 114 local.get 115 local.get 116 local.get 117
    local.get 118 local.get 119 local.get 120 local.get 121 local.get 122 local.get 123 local.get 124 local.get 125
    local.get 126 local.get 127 local.get 128 local.get 129 local.get 130 local.get 131 local.get 132 local.get 133
    local.get 134 local.get 135 local.get 136 local.get 137 local.get 138 local.get 139 local.get 140 local.get 141
    local.get 142 local.get 143 local.get 144 local.get 145 local.get 146 local.get 147 local.get 148 local.get 149
    local.get 150 (local.set 1 (i32.const 0)) (local.set 2 (i32.const 1)) (local.set 3 (i32.const 2))
    (local.set 4 (i32.const 3)) (local.set 5 (i32.const 4)) (local.set 6 (i32.const 5)) (local.set 7 (i32.const 6))
    (local.set 8 (i32.const 7)) (local.set 9 (i32.const 8)) (local.set 10 (i32.const 9))
    (local.set 11 (i32.const 10)) (local.set 12 (i32.const 11)) (local.set 13 (i32.const 12))
    (local.set 14 (i32.const 13)) (local.set 15 (i32.const 14)) (local.set 16 (i32.const 15))
    (local.set 17 (i32.const 16)) (local.set 18 (i32.const 17)) (local.set 19 (i32.const 18))
    (local.set 20 (i32.const 19)) (local.set 21 (i32.const 20)) (local.set 22 (i32.const 21))
    (local.set 23 (i32.const 22)) (local.set 24 (i32.const 23)) (local.set 25 (i32.const 24))
    (local.set 26 (i32.const 25)) (local.set 27 (i32.const 26)) (local.set 28 (i32.const 27))
    (local.set 29 (i32.const 28)) (local.set 30 (i32.const 29)) (local.set 31 (i32.const 30))
    (local.set 32 (i32.const 31)) (local.set 33 (i32.const 32)) (local.set 34 (i32.const 33))
    (local.set 35 (i32.const 34)) (local.set 36 (i32.const 35)) (local.set 37 (i32.const 36))
    (local.set 38 (i32.const 37)) (local.set 39 (i32.const 38)) (local.set 40 (i32.const 39))
    (local.set 41 (i32.const 40)) (local.set 42 (i32.const 41)) (local.set 43 (i32.const 42))
    (local.set 44 (i32.const 43)) (local.set 45 (i32.const 44)) (local.set 46 (i32.const 45))
    (local.set 47 (i32.const 46)) (local.set 48 (i32.const 47)) (local.set 49 (i32.const 48))
    (local.set 50 (i32.const 49)) (local.set 51 (i32.const 50)) (local.set 52 (i32.const 51))
    (local.set 53 (i32.const 52)) (local.set 54 (i32.const 53)) (local.set 55 (i32.const 54))
    (local.set 56 (i32.const 55)) (local.set 57 (i32.const 56)) (local.set 58 (i32.const 57))
    (local.set 59 (i32.const 58)) (local.set 60 (i32.const 59)) (local.set 61 (i32.const 60))
    (local.set 62 (i32.const 61)) (local.set 63 (i32.const 62)) (local.set 64 (i32.const 63))
    (local.set 65 (i32.const 64)) (local.set 66 (i32.const 65)) (local.set 67 (i32.const 66))
    (local.set 68 (i32.const 67)) (local.set 69 (i32.const 68)) (local.set 70 (i32.const 69))
    (local.set 71 (i32.const 70)) (local.set 72 (i32.const 71)) (local.set 73 (i32.const 72))
    (local.set 74 (i32.const 73)) (local.set 75 (i32.const 74)) (local.set 76 (i32.const 75))
    (local.set 77 (i32.const 76)) (local.set 78 (i32.const 77)) (local.set 79 (i32.const 78))
    (local.set 80 (i32.const 79)) (local.set 81 (i32.const 80)) (local.set 82 (i32.const 81))
    (local.set 83 (i32.const 82)) (local.set 84 (i32.const 83)) (local.set 85 (i32.const 84))
    (local.set 86 (i32.const 85)) (local.set 87 (i32.const 86)) (local.set 88 (i32.const 87))
    (local.set 89 (i32.const 88)) (local.set 90 (i32.const 89)) (local.set 91 (i32.const 90))
    (local.set 92 (i32.const 91)) (local.set 93 (i32.const 92)) (local.set 94 (i32.const 93))
    (local.set 95 (i32.const 94)) (local.set 96 (i32.const 95)) (local.set 97 (i32.const 96))
    (local.set 98 (i32.const 97)) (local.set 99 (i32.const 98)) (local.set 100 (i32.const 99))
    (local.set 101 (i32.const 100)) (local.set 102 (i32.const 101)) (local.set 103 (i32.const 102))
    (local.set 104 (i32.const 103)) (local.set 105 (i32.const 104)) (local.set 106 (i32.const 105))
    (local.set 107 (i32.const 106)) (local.set 108 (i32.const 107)) (local.set 109 (i32.const 108))
    (local.set 110 (i32.const 109)) (local.set 111 (i32.const 110)) (local.set 112 (i32.const 111))
    (local.set 113 (i32.const 112)) (local.set 114 (i32.const 113)) (local.set 115 (i32.const 114))
    (local.set 116 (i32.const 115)) (local.set 117 (i32.const 116)) (local.set 118 (i32.const 117))
    (local.set 119 (i32.const 118)) (local.set 120 (i32.const 119)) (local.set 121 (i32.const 120))
    (local.set 122 (i32.const 121)) (local.set 123 (i32.const 122)) (local.set 124 (i32.const 123))
    (local.set 125 (i32.const 124)) (local.set 126 (i32.const 125)) (local.set 127 (i32.const 126))
    (local.set 128 (i32.const 127)) (local.set 129 (i32.const 128)) (local.set 130 (i32.const 129))
    (local.set 131 (i32.const 130)) (local.set 132 (i32.const 131)) (local.set 133 (i32.const 132))
    (local.set 134 (i32.const 133)) (local.set 135 (i32.const 134)) (local.set 136 (i32.const 135))
    (local.set 137 (i32.const 136)) (local.set 138 (i32.const 137)) (local.set 139 (i32.const 138))
    (local.set 140 (i32.const 139)) (local.set 141 (i32.const 140)) (local.set 142 (i32.const 141))
    (local.set 143 (i32.const 142)) (local.set 144 (i32.const 143)) (local.set 145 (i32.const 144))
    (local.set 146 (i32.const 145)) (local.set 147 (i32.const 146)) (local.set 148 (i32.const 147))
    (local.set 149 (i32.const 148)) (local.set 150 (i32.const 149)) i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub
    i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub i32.const 5 i32.mul i32.sub))

(assert_return (invoke "of-40" (i32.const 1) (i32.const 2) (i32.const 3)) (i32.const 324465493))
(assert_return (invoke "of-40" (i32.const 0) (i32.const 4294967295) (i32.const 77)) (i32.const 3140641742))
(assert_return (invoke "of-40" (i32.const 123456) (i32.const 7) (i32.const 2147483648)) (i32.const 689893976))
(assert_return (invoke "of-250" (i32.const 1) (i32.const 2) (i32.const 3)) (i32.const 1189738007))
(assert_return (invoke "of-250" (i32.const 0) (i32.const 4294967295) (i32.const 77)) (i32.const 3079602875))
(assert_return (invoke "of-250" (i32.const 123456) (i32.const 7) (i32.const 2147483648)) (i32.const 948146618))
(assert_return (invoke "one-by-one" (i32.const 0)) (i32.const 766203717))
(assert_return (invoke "one-by-one" (i32.const 41)) (i32.const 58497177))
