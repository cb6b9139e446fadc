// A monthly budget of the resource group. It writes e-mails, hours late; it stops nothing.

@description('Amount a month, in the currency of the subscription.')
param amount int

@description('First day of a month, yyyy-mm-01. It cannot be changed once the budget is there.')
param startDate string

@description('Who is written to besides the owners of the subscription; empty: they alone.')
param email string

// A bill has to reach somebody, also where nobody was named.
var people = { emails: empty(email) ? [] : [email], roles: ['Owner'] }

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: 'impasto-monthly'
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: startDate
    }
    notifications: {
      halfSpent: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 50
        thresholdType: 'Actual'
        contactEmails: people.emails
        contactRoles: people.roles
      }
      allSpent: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 100
        thresholdType: 'Actual'
        contactEmails: people.emails
        contactRoles: people.roles
      }
      willBeOverspent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: people.emails
        contactRoles: people.roles
      }
    }
  }
}
