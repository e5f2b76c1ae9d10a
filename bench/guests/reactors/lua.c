// A request handler written in Lua: one function for each request, made ready by
// `wizer-initialize`. Exports req_buf, rsp_buf and handle, as an HTTP reactor does.
// An error in Lua ends the instance: there is no setjmp.
#include <stdint.h>
#include <string.h>
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static char request[65536];
static char response[65536];
static lua_State *state;

static const char program[] =
    "local routes = {}\n"
    "for n = 1, 200 do routes['/item/' .. n] = {id = n, name = ('item %d'):format(n), price = n * 7 % 100} end\n"
    "local function json(value)\n"
    "  local parts = {}\n"
    "  for _, key in ipairs{'id', 'name', 'price', 'headers', 'body'} do\n"
    "    local v = value[key]\n"
    "    if v ~= nil then\n"
    "      parts[#parts + 1] = ('%q:%s'):format(key, type(v) == 'string' and ('%q'):format(v) or tostring(v))\n"
    "    end\n"
    "  end\n"
    "  return '{' .. table.concat(parts, ',') .. '}'\n"
    "end\n"
    "function handle(request)\n"
    "  local head, body = request:match('^(.-)\\r?\\n\\r?\\n(.*)$')\n"
    "  head, body = head or request, body or ''\n"
    "  local method, path = head:match('^(%u+) (%S+)')\n"
    "  local headers = 0\n"
    "  for _ in head:gmatch('\\n([%w-]+):') do headers = headers + 1 end\n"
    "  local item = routes[path] or {name = path}\n"
    "  local reply = json{id = item.id, name = item.name, price = item.price, headers = headers, body = #body}\n"
    "  return 'HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n\\r\\n' .. reply\n"
    "end\n";

__attribute__((export_name("wizer-initialize"))) void initialize(void) {
    state = luaL_newstate();
    luaL_openlibs(state);
    if (luaL_dostring(state, program)) __builtin_trap();
    lua_gc(state, LUA_GCCOLLECT, 0);
}

__attribute__((export_name("req_buf"))) char *req_buf(void) { return request; }
__attribute__((export_name("rsp_buf"))) char *rsp_buf(void) { return response; }

__attribute__((export_name("handle"))) uint32_t handle(uint32_t len) {
    if (len > sizeof request) len = sizeof request;
    lua_getglobal(state, "handle");
    lua_pushlstring(state, request, len);
    lua_call(state, 1, 1);
    size_t n;
    const char *reply = lua_tolstring(state, -1, &n);
    if (n > sizeof response) n = sizeof response;
    memcpy(response, reply, n);
    lua_settop(state, 0);
    return (uint32_t)n;
}
