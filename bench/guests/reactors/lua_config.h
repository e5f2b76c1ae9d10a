// Lua on WebAssembly: no files, no clock, and an error ends the instance, for want of setjmp.
#include <stdio.h>
#include <time.h>
#define fopen(path, mode) ((FILE *)0)
#define freopen(path, mode, file) ((FILE *)0)
#define LUAI_THROW(L, c) __builtin_trap()
#define LUAI_TRY(L, c, a) { a }
#define luai_jmpbuf int
#define luai_makeseed(L) 42u
#define time(out) ((time_t)42)
#define l_randomizePivot() 42u
