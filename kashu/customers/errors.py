"""What customers refuses."""

from kashu.core.errors import Conflict, NotFound


class UnknownCustomer(NotFound):
    """No such customer of this merchant's."""

    code = "unknown_customer"
    zh = "没有客户 {customer}：请核对客户编码，或先在“客户”里新增。"
    en = "There is no customer {customer}. Check the code, or add it under Customers first."


class CustomerCodeTaken(Conflict):
    """Codes of customers are unique."""

    code = "customer_code_taken"
    zh = "已经有编码为 {customer} 的客户，没有新增。请换一个编码，或直接使用那个客户。"
    en = "There is a customer {customer} already; none was added. Choose another code, or use it."
