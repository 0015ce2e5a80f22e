// Help: the guides and concepts that are shipped with the program.
export default {
  title: "帮助",
  about: "随程序一起安装，不需要联网",
  search: "在帮助里查找",
  search_hint: "想做什么，或遇到了什么：退款、短缺、对账……",
  found: "找到 {{count}} 篇",
  nothing: "没有找到",
  nothing_hint: "换个说法，或少写几个字。",
  all: "全部帮助",
  english: "英文",
  only_english: "这一篇只有英文",
  shelves: {
    daily: "日常工作",
    connect: "对接平台与供应商",
    concepts: "系统如何运转",
    develop: "给开发者",
  },
};
