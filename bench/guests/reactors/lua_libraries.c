// The libraries that need no operating system.
#include "lauxlib.h"
#include "lualib.h"

void luaL_openlibs(lua_State *L) {
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},       {LUA_COLIBNAME, luaopen_coroutine}, {LUA_TABLIBNAME, luaopen_table},
        {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},    {LUA_UTF8LIBNAME, luaopen_utf8},
    };
    for (unsigned n = 0; n < sizeof libraries / sizeof *libraries; n++) {
        luaL_requiref(L, libraries[n].name, libraries[n].func, 1);
        lua_pop(L, 1);
    }
}
