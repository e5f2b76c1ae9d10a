;; Prints the Mandelbrot set as text. A WASI command: it reads its arguments,
;; writes to standard output, and needs nothing else of its host.
;;
;;   dayfly examples/mandelbrot.wat            70 columns wide
;;   dayfly examples/mandelbrot.wat 120        120 columns wide
;;
;; Written by hand, to show what a program needs to talk to the outside.

(module $mandelbrot
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param $count i32) (param $size i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get"
    (func $args_get (param $pointers i32) (param $buffer i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $iovecs i32) (param $count i32) (param $written i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit"
    (func $proc_exit (param $status i32)))

  ;; Where things are in memory:
  ;;     0  what calls return: number of arguments, bytes written
  ;;     4  size of the arguments
  ;;     8  the one io vector: pointer, length
  ;;    16  the shades, from far outside the set to inside it
  ;;    64  the message of a wrong call
  ;;  1024  a line of the picture
  ;;  4096  pointers to the arguments, then the arguments
  (memory (export "memory") 2)
  (data (i32.const 16) " .:-=+*#%@")
  (data (i32.const 64) "usage: mandelbrot [COLUMNS, from 10 to 1000]\n")

  (global $line i32 (i32.const 1024))
  (global $args i32 (i32.const 4096))
  (global $steps i32 (i32.const 200))

  (func $main (export "_start")
    (local $columns i32) (local $rows i32) (local $x i32) (local $y i32)
    (local.set $columns (call $columns))
    ;; A character is about twice as high as it is wide.
    (local.set $rows (i32.div_u (i32.mul (local.get $columns) (i32.const 2)) (i32.const 6)))
    (loop $row
      (local.set $x (i32.const 0))
      (loop $column
        (i32.store8
          (i32.add (global.get $line) (local.get $x))
          (call $shade
            (call $escape
              ;; The picture goes from -2.2 to 0.8 and from -1.2 to 1.2.
              (f64.add (f64.const -2.2) (call $part (f64.const 3) (local.get $x) (local.get $columns)))
              (f64.add (f64.const -1.2) (call $part (f64.const 2.4) (local.get $y) (local.get $rows))))))
        (local.set $x (i32.add (local.get $x) (i32.const 1)))
        (br_if $column (i32.lt_u (local.get $x) (local.get $columns))))
      (i32.store8 (i32.add (global.get $line) (local.get $columns)) (i32.const 10))
      (call $write (i32.const 1) (global.get $line) (i32.add (local.get $columns) (i32.const 1)))
      (local.set $y (i32.add (local.get $y) (i32.const 1)))
      (br_if $row (i32.le_u (local.get $y) (local.get $rows)))))

  ;; $whole * $i / $n
  (func $part (param $whole f64) (param $i i32) (param $n i32) (result f64)
    (f64.div
      (f64.mul (local.get $whole) (f64.convert_i32_u (local.get $i)))
      (f64.convert_i32_u (local.get $n))))

  ;; How often z = z*z + c can be done before z leaves the circle of radius 2.
  (func $escape (param $cr f64) (param $ci f64) (result i32)
    (local $r f64) (local $i f64) (local $rr f64) (local $ii f64) (local $n i32)
    (loop $again
      (local.set $i
        (f64.add (local.get $ci)
          (f64.mul (f64.const 2) (f64.mul (local.get $r) (local.get $i)))))
      (local.set $r
        (f64.add (local.get $cr) (f64.sub (local.get $rr) (local.get $ii))))
      (local.set $rr (f64.mul (local.get $r) (local.get $r)))
      (local.set $ii (f64.mul (local.get $i) (local.get $i)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again
        (i32.and
          (f64.lt (f64.add (local.get $rr) (local.get $ii)) (f64.const 4))
          (i32.lt_u (local.get $n) (global.get $steps)))))
    (local.get $n))

  ;; The character for a number of steps: every third step is a shade darker,
  ;; and only the set itself is darkest.
  (func $shade (param $n i32) (result i32)
    (local $index i32)
    (local.set $index (i32.div_u (local.get $n) (i32.const 3)))
    (if (i32.gt_u (local.get $index) (i32.const 8)) (then (local.set $index (i32.const 8))))
    (if (i32.eq (local.get $n) (global.get $steps)) (then (local.set $index (i32.const 9))))
    (i32.load8_u offset=16 (local.get $index)))

  ;; The width that the first argument asks for.
  (func $columns (result i32)
    (local $at i32) (local $digit i32) (local $columns i32)
    (call $check (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (if (i32.lt_u (i32.load (i32.const 0)) (i32.const 2)) (then (return (i32.const 70))))
    ;; Arguments that do not fit would be written past the end of memory.
    (if (i32.gt_u (i32.add (i32.load (i32.const 4)) (i32.shl (i32.load (i32.const 0)) (i32.const 2)))
                  (i32.const 0x10000))
      (then (call $usage)))
    (call $check
      (call $args_get (global.get $args)
        (i32.add (global.get $args) (i32.shl (i32.load (i32.const 0)) (i32.const 2)))))
    (local.set $at (i32.load offset=4 (global.get $args)))
    (loop $next
      (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
      (if (i32.or (i32.gt_u (local.get $digit) (i32.const 9))
                  (i32.gt_u (local.get $columns) (i32.const 1000)))
        (then (call $usage)))
      (local.set $columns
        (i32.add (i32.mul (local.get $columns) (i32.const 10)) (local.get $digit)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.load8_u (local.get $at))))
    (if (i32.gt_u (i32.sub (local.get $columns) (i32.const 10)) (i32.const 990)) (then (call $usage)))
    (local.get $columns))

  (func $write (param $fd i32) (param $start i32) (param $length i32)
    (i32.store (i32.const 8) (local.get $start))
    (i32.store (i32.const 12) (local.get $length))
    (call $check (call $fd_write (local.get $fd) (i32.const 8) (i32.const 1) (i32.const 0))))

  ;; Ends the program if the host refused something.
  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $proc_exit (i32.const 1)))))

  (func $usage
    (call $write (i32.const 2) (i32.const 64) (i32.const 45))
    (call $proc_exit (i32.const 2)))
)
