import time, asyncio
import psycopg
from kashu.core.db import Database
from kashu.reports.verify import verify
from kashu.reports.profit import profit
from kashu.reports.dimensions import Dimension as D
from kashu.core.ids import new_id
from kashu.ledger.post import Account, account_id
from kashu.ledger.kinds import AccountKind as K
from kashu.ledger.reads import trial_balance
from tests.reports.shop import open_shop
N=1_000_000
async def test_scale(database, tenant, owner_url):
    async with database.transaction(tenant.id) as tx:
        shop = await open_shop(tx, tenant.id)
    T=tenant.id
    c=psycopg.connect(owner_url, autocommit=True)
    c.execute("SET session_replication_role=replica"); c.execute("SET synchronous_commit=off"); c.execute("set jit=off")
    t=time.perf_counter()
    i=shop.ids
    for k,o in [(K.RECEIVABLE,i["tmall"]),(K.REVENUE,None),(K.COST_OF_GOODS,None),(K.INVENTORY,i["main"]),(K.PAYABLE,i["north"])]:
        c.execute("insert into ledger.accounts values (%s,%s,%s,%s,'CNY')",(T,account_id(T,Account(k,o)),k.value,o))
    a=lambda k,o=None: account_id(T,Account(k,o))
    # 200 lots of 5000, 4 skus
    c.execute("""insert into stock.lots (tenant_id,id,sku_id,warehouse_id,supplier_id,unit_cost_e4,revealed,head)
      select %s, md5('lot'||g)::uuid, %s, %s, %s, 141250, 5000, 5001 from generate_series(0,199) g""",(T,i["mgtv-month"],i["main"],i["north"]))
    c.execute("""insert into stock.cards (tenant_id,id,sku_id,lot_id,position,state,sealed,key_version,blind_index,tail)
      select %s, md5('card'||g)::uuid, %s, md5('lot'||g/5000)::uuid, g%%5000+1,'revealed', decode(repeat(md5(g::text),4),'hex'),1,decode(md5(g::text),'hex'),'1234' from generate_series(0,%s-1) g""",(T,i["mgtv-month"],N))
    c.execute("""insert into orders.orders (tenant_id,id,source,external_id,store_id,total_e4)
      select %s, md5('order'||g)::uuid,'store:tmall',g::text,%s,198000 from generate_series(0,%s-1) g""",(T,i["tmall"],N))
    c.execute("""insert into orders.lines (tenant_id,id,order_id,number,sku_id,quantity,price_e4,partial_allowed,state,delivered_count,waiting_count,unearned_e4,earned_e4)
      select %s, md5('line'||g)::uuid, md5('order'||g)::uuid,1,%s,1,198000,false,'filled',1,0,0,198000 from generate_series(0,%s-1) g""",(T,i["mgtv-month"],N))
    c.execute("""insert into stock.allocations (tenant_id,id,card_id,line_id,lot_id,choice_id,revealed_at)
      select %s, md5('al'||g)::uuid, md5('card'||g)::uuid, md5('line'||g)::uuid, md5('lot'||g/5000)::uuid, md5('x')::uuid, now() from generate_series(0,%s-1) g""",(T,N))
    c.execute("""insert into stock.reveals (tenant_id,id,card_id,actor,reason,recipient,line_id,at)
      select %s, md5('re'||g)::uuid, md5('card'||g)::uuid,'system','answer','x', md5('line'||g)::uuid, now()-interval '1 hour' from generate_series(0,%s-1) g""",(T,N))
    c.execute("""insert into ledger.transfers (tenant_id,id,debit_account_id,credit_account_id,amount_e4,currency,quantity,posted_on,reason,subject_id,sku_id,store_id,supplier_id)
      select %s, md5('sale'||g)::uuid, %s,%s,198000,'CNY',1,date '2026-01-01' + g%%300,'sale',md5('line'||g)::uuid,%s,%s,%s from generate_series(0,%s-1) g""",(T,a(K.RECEIVABLE,i["tmall"]),a(K.REVENUE),i["mgtv-month"],i["tmall"],i["north"],N))
    c.execute("""insert into ledger.transfers (tenant_id,id,debit_account_id,credit_account_id,amount_e4,currency,quantity,posted_on,reason,subject_id,sku_id,store_id,supplier_id)
      select %s, md5('cost'||g)::uuid, %s,%s,141250,'CNY',1,date '2026-01-01' + g%%300,'cost',md5('line'||g)::uuid,%s,%s,%s from generate_series(0,%s-1) g""",(T,a(K.COST_OF_GOODS),a(K.INVENTORY,i["main"]),i["mgtv-month"],i["tmall"],i["north"],N))
    c.execute("""insert into ledger.transfers (tenant_id,id,debit_account_id,credit_account_id,amount_e4,currency,quantity,posted_on,reason,subject_id)
      values (%s,%s,%s,%s,%s,'CNY',%s,'2026-01-01','receive',%s)""",(T,new_id(),a(K.INVENTORY,i["main"]),a(K.PAYABLE,i["north"]),141250*N,N,new_id()))
    c.execute("""insert into ledger.daily select tenant_id, gen_random_uuid(), posted_on, case when debit_account_id=%s then 'cost_of_goods' else 'revenue' end, 'CNY', sku_id, store_id, customer_id, supplier_id,
        sum(case when debit_account_id=%s then amount_e4 else 0 end), sum(case when debit_account_id=%s then 0 else amount_e4 end), sum(quantity) from ledger.transfers where reason<>'receive' group by 1,3,4,6,7,8,9""",(a(K.COST_OF_GOODS),)*3)
    print("built", time.perf_counter()-t); t=time.perf_counter()
    c.execute("ANALYZE"); print("analyze", time.perf_counter()-t)
    c.execute("VACUUM stock.cards"); 
    for _ in range(2):
        async with database.transaction(T) as tx:
            v=await verify(tx,T)
        print(v.ok, v.took_ms, {x.invariant:(x.took_ms, [(y.rule,y.total,y.rows[0]) for y in x.violations]) for x in v.checked})
    async with database.transaction(T) as tx:
        t=time.perf_counter(); b=await trial_balance(tx,T); print("trial balance", time.perf_counter()-t, b.totals)
        t=time.perf_counter(); r=await profit(tx,T,[D.DAY,D.STORE,D.SKU,D.SUPPLIER]); print("profit", time.perf_counter()-t, len(r.rows))
        # wide daily
    c.execute("""insert into ledger.daily select %s, gen_random_uuid(), date '2026-01-01'+d, k, 'CNY', md5('s'||s)::uuid, md5('t'||st)::uuid, null, md5('u'||su)::uuid, 100,200,1
       from generate_series(0,299) d, generate_series(1,40) s, generate_series(1,3) st, generate_series(1,4) su, (values ('revenue'),('cost_of_goods')) k(k)""",(T,))
    c.execute("ANALYZE ledger.daily")
    async with database.transaction(T) as tx:
        n=0
        for by in ([D.DAY,D.STORE,D.SKU,D.SUPPLIER],[D.STORE],[D.MONTH,D.BRAND]):
            t=time.perf_counter(); r=await profit(tx,T,by); print("profit wide", by, time.perf_counter()-t, len(r.rows))
    c.execute("CHECKPOINT"); c.close()
